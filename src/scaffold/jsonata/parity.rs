//! Every expression of tests/golden-paths/utilities.yaml gives what JSONata itself gave (tests/oracle wrote it down).

use serde_json::Value as Json;

use crate::expression::Fuel;
use crate::scaffold::jsonata::evaluate;

const EXPECTED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden-paths/expectations/utilities.json"));

#[test]
fn expressions_give_what_jsonata_gives() {
    let expected: Json = serde_json::from_str(EXPECTED).expect("JSON");
    let cases = expected["expressions"].as_array().expect("cases");
    assert!(cases.len() > 200, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let expression = case["expression"].as_str().expect("a text");
        let found = evaluate(expression, &expected["data"], &Fuel::new(1_000_000));
        let fits = match &found {
            Err(_) => case.get("error").is_some(),
            Ok(None) => case.get("undefined").is_some(),
            Ok(Some(found)) => case.get("value").is_some_and(|value| same(value, found)),
        };
        if !fits {
            wrong.push(format!("{expression}: {found:?}, not {case}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Equal, a number by its value; keys in the same order.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| left.0 == right.0 && same(left.1, right.1))
        }
        (left, right) => left == right,
    }
}

#[test]
fn what_is_not_done_says_so() {
    for (expression, word) in [
        ("$now()", "no clock"),
        ("$uuid()", "no chance"),
        ("$formatNumber(1, '0')", "not done here"),
        ("a.%.b", "operator %"),
        ("a@$b.c", "@"),
        ("a#$b.c", "#"),
    ] {
        let found = evaluate(expression, &serde_json::json!({"a": {"b": 1}}), &Fuel::new(10_000));
        assert!(found.as_ref().is_err_and(|why| why.contains(word)), "{expression}: {found:?}");
    }
}

#[test]
fn nothing_runs_for_ever_or_goes_too_deep() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    for expression in [
        "($f := function($x) { $f($x) }; $f(1))".to_string(),
        "($f := function($x) { $f($x & $x) }; $f('xxxxxxxx'))".into(),
        "$map([1..100000], function($a) { $map([1..100000], function($b) { $a }) })".into(),
        "[1..100000000]".into(),
        "$pad('x', 1000000000)".into(),
        deep("(", ")"),
        deep("[", "]"),
        deep("-", ""),
        format!("1{}", "+1".repeat(20_000)),
        format!("a{}", ".a".repeat(20_000)),
    ] {
        let found = evaluate(&expression, &serde_json::json!({}), &Fuel::new(1_000_000));
        assert!(found.is_err(), "{}", &expression[..expression.len().min(60)]);
    }
}

#[test]
fn whatever_is_nearly_an_expression_is_evaluated_or_refused() {
    let data = serde_json::json!({"a": [{"b": 1, "c": "x"}, {"b": 2}], "d": {"e": [1, 2]}});
    let good = [
        "$merge(a.{c: b})",
        "$ ~> |a[b=1]|{'c': $uppercase(c)}, ['b']|",
        "($f := function($x, $y)<nn:n>{ $x + $y }; $reduce(a.b, $f))",
        "a^(>b)[0].(c ? c : 'none') & $join($map(d.e, $string), ',')",
    ];
    crate::mutation::each(&good, |expression| {
        _ = evaluate(expression, &data, &Fuel::new(50_000));
    });
}
