import { greeting } from "./greeting.mjs";

document.querySelector("#greeting").textContent = greeting(new Date().getHours());
