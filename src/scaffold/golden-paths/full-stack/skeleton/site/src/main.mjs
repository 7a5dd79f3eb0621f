import { greeting } from "./greeting.mjs";

document.querySelector("#greeting").textContent = await greeting(fetch);
