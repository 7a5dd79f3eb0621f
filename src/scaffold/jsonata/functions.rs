//! The functions that every JSONata expression knows, as one table.

use std::rc::Rc;

use crate::scaffold::jsonata::value::{
    JsonataCaller, JsonataContext, JsonataFunction, JsonataNative, JsonataResult, JsonataValue,
};
use crate::scaffold::jsonata::{lists, numbers, texts};

type NativeRun = fn(&dyn JsonataCaller, &[JsonataValue]) -> JsonataResult;

const fn native(
    name: &'static str,
    (needs, most): (usize, usize),
    context: JsonataContext,
    run: NativeRun,
) -> JsonataNative {
    JsonataNative { name, needs, most, context, run }
}

const ANY: JsonataContext = JsonataContext::Any;
const TEXT: JsonataContext = JsonataContext::Text;
const NEVER: JsonataContext = JsonataContext::Never;

static FUNCTIONS: &[JsonataNative] = &[
    native("abs", (1, 1), ANY, numbers::abs),
    native("append", (2, 2), NEVER, lists::append),
    native("assert", (1, 2), NEVER, lists::assert),
    native("average", (1, 1), NEVER, numbers::average),
    native("base64decode", (1, 1), ANY, texts::decode_base64),
    native("base64encode", (1, 1), ANY, texts::encode_base64),
    native("boolean", (1, 1), ANY, numbers::boolean),
    native("ceil", (1, 1), ANY, numbers::ceil),
    native("contains", (2, 2), TEXT, texts::contains),
    native("count", (1, 1), NEVER, numbers::count),
    native("decodeUrlComponent", (1, 1), ANY, texts::decode_component),
    native("distinct", (1, 1), NEVER, lists::distinct_items),
    native("each", (2, 2), ANY, lists::each),
    native("encodeUrlComponent", (1, 1), ANY, texts::encode_component),
    native("error", (0, 1), NEVER, lists::error),
    native("exists", (1, 1), NEVER, numbers::exists),
    native("filter", (2, 2), NEVER, lists::filter),
    native("floor", (1, 1), ANY, numbers::floor),
    native("join", (1, 2), NEVER, texts::join),
    native("keys", (1, 1), ANY, lists::keys),
    native("length", (1, 1), ANY, texts::length),
    native("lookup", (2, 2), ANY, lists::lookup),
    native("lowercase", (1, 1), ANY, texts::lowercase),
    native("map", (2, 2), NEVER, lists::map),
    native("max", (1, 1), NEVER, numbers::max),
    native("merge", (1, 1), NEVER, lists::merge),
    native("min", (1, 1), NEVER, numbers::min),
    native("not", (1, 1), ANY, numbers::not),
    native("number", (1, 1), ANY, numbers::to_number),
    native("pad", (2, 3), TEXT, texts::pad),
    native("power", (2, 2), ANY, numbers::power),
    native("reduce", (2, 3), NEVER, lists::reduce),
    native("replace", (3, 4), TEXT, texts::replace),
    native("reverse", (1, 1), NEVER, lists::reverse),
    native("round", (1, 2), ANY, numbers::round),
    native("sift", (2, 2), ANY, lists::sift),
    native("single", (1, 2), NEVER, lists::single),
    native("sort", (1, 2), NEVER, lists::sort),
    native("split", (2, 3), TEXT, texts::split),
    native("spread", (1, 1), ANY, lists::spread),
    native("sqrt", (1, 1), ANY, numbers::sqrt),
    native("string", (1, 2), ANY, numbers::to_string),
    native("substring", (2, 3), TEXT, texts::substring),
    native("substringAfter", (2, 2), TEXT, texts::substring_after),
    native("substringBefore", (2, 2), TEXT, texts::substring_before),
    native("sum", (1, 1), NEVER, numbers::sum),
    native("trim", (1, 1), ANY, texts::trim),
    native("type", (1, 1), NEVER, numbers::type_of),
    native("uppercase", (1, 1), ANY, texts::uppercase),
    native("zip", (1, 16), NEVER, lists::zip),
];

/// What JSONata has and a golden path must not: the same answers always make the same files.
const CHANCE: [&str; 5] = ["now", "millis", "random", "shuffle", "uuid"];
/// What is not done here.
const UNKNOWN: [&str; 11] = [
    "clone",
    "decodeUrl",
    "encodeUrl",
    "eval",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "fromMillis",
    "match",
    "parseInteger",
    "toMillis",
];

/// The function of a name, or nothing where nobody knows it.
pub fn find(name: &str) -> JsonataResult {
    if CHANCE.contains(&name) {
        return Err(format!("${name} is refused: there is no clock and no chance in a golden path"));
    }
    if UNKNOWN.contains(&name) {
        return Err(format!("${name} is not done here"));
    }
    let found = FUNCTIONS.iter().find(|native| native.name == name);
    Ok(found.map_or(JsonataValue::Undefined, |native| {
        JsonataValue::Function(Rc::new(JsonataFunction::Native(native)))
    }))
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn functions_are_listed_once_by_name() {
        assert!(FUNCTIONS.is_sorted_by(|left, right| left.name < right.name));
    }
}
