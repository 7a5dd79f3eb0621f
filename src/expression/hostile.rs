//! No template, however it is written, panics, runs for ever or fills the memory.

use serde_json::{Map, json};

use crate::expression::{Dialect, Fuel, filters, references, render, render_value};

fn context() -> Map<String, serde_json::Value> {
    json!({"n": 1, "list": [1, 2, 3], "text": "é😀 text", "obj": {"a": {"b": 1}}})
        .as_object()
        .cloned()
        .expect("an object")
}

/// Renders to its end, with an error or without; says whether it failed. No clock: what would not end does not.
fn check(source: &str) -> bool {
    let failed = render(source, &context(), Dialect { lenient: true, ..Dialect::default() }).is_err();
    let _ = render_value(source, &context(), Dialect::default());
    let _ = references(source, Dialect::default());
    failed
}

#[test]
fn what_never_ends_is_stopped() {
    for source in [
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% for a in range(3000) %}{% for b in range(3000) %}{% for c in range(3000) %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% macro m() %}${{ m() }}{% endmacro %}${{ m() }}",
        "{% macro a() %}${{ b() }}{% endmacro %}{% macro b() %}${{ a() }}{% endmacro %}${{ a() }}",
        "{% set s = 'xxxxxxxxxx' %}{% for i in range(60) %}{% set s = s ~ s %}{% endfor %}${{ s }}",
        "{% set l = [1] %}{% for i in range(60) %}{% set l = [l, l] %}{% endfor %}${{ l }}",
        "{% set l = [1] %}${{ l.push(l) }}${{ l }}",
        "{% set l = [1] %}${{ l.push(l) }}${{ l | dump }}",
        "${{ 'x' | center(100000000000) }}",
        "${{ 'x' | indent(100000000000, true) }}",
        "${{ ('x' | center(100000)) | replace('', 'y' | center(100000)) }}",
        "${{ list | batch(1000000000, 'x') | length }}${{ list | slice(1000000000) }}",
        "${{ range(0, 1, 0.0000000001) }}",
        "${{ range(1, 0, 'x') }}${{ range(0, 10, -0.5) }}${{ range(10) | random }}",
    ] {
        assert!(check(source), "{source}");
    }
}

#[test]
fn depth_is_bounded() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("not ", ""), ("-(", ")"), ("{a:", "}"), ("n[", "]"), ("n if n else ", "")]
    {
        for count in [30, 100, 5_000, 100_000] {
            let failed = check(&format!("${{{{ {}n{} }}}}", open.repeat(count), close.repeat(count)));
            assert!(failed || count < 5_000, "{open} {count}");
        }
    }
    for (part, count) in [
        (" + n", 100_000),
        (" ~ n", 3_000),
        ("|list", 100_000),
        (".a", 100_000),
        ("[0]", 900),
        (" and n", 900),
    ] {
        check(&format!("${{{{ n{} }}}}", part.repeat(count)));
    }
    for open in ["{% if n %}", "{% for a in list %}", "{% filter upper %}", "{% set a %}", "{% block b %}"] {
        assert!(check(&open.repeat(50_000)), "{open}");
    }
    check(&format!("{{% if n %}}x{}{{% endif %}}", "{% elif n %}y".repeat(20_000)));
}

/// Pieces that templates are made of, put together at random: an error or a text, never a panic.
#[test]
fn no_mutation_panics() {
    const PIECES: [&str; 70] = [
        "${{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        " ",
        "-",
        "n",
        "list",
        "text",
        "obj",
        "missing",
        ".",
        ".a",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        ":",
        "|",
        "'",
        "\"",
        "é",
        "😀",
        "\\",
        "if",
        "else",
        "elif",
        "endif",
        "for",
        "in",
        "endfor",
        "set",
        "endset",
        "macro",
        "endmacro",
        "call",
        "endcall",
        "filter",
        "endfilter",
        "raw",
        "endraw",
        "switch",
        "case",
        "default",
        "endswitch",
        "x = 1",
        "x in list",
        "r/",
        "/g",
        "0",
        "1.5",
        "==",
        "and",
        "not",
        "is",
        "string",
        "upper",
        "replace('e', 'x')",
        "split(' ')",
        "slice(1)",
        "truncate(2)",
        "dump",
        "[1:]",
        "\n",
        "\u{0}",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).expect("small") % below
    };
    for _ in 0..8_000 {
        let mut source = String::new();
        for _ in 0..next(25) {
            if next(3) == 0 {
                source.push_str(["${{ ", "{% ", "{% if ", "{% for x in "][next(4)]);
            }
            source.push_str(PIECES[next(PIECES.len())]);
            if next(3) == 0 {
                source.push_str([" }}", " %}", " %}x{% endif %}", " %}y{% endfor %}"][next(4)]);
            }
        }
        check(&source);
    }
}

/// Every filter and method on every kind of value, with odd arguments.
#[test]
fn no_filter_or_method_panics() {
    let values = [
        "n",
        "list",
        "text",
        "obj",
        "none",
        "missing",
        "true",
        "''",
        "[]",
        "{}",
        "-1",
        "0/0",
        "1/0",
        "'😀'",
        "[[1], none]",
        "r/a/g",
        "range",
    ];
    let arguments = [
        "",
        "(0)",
        "(-1)",
        "(1/0)",
        "(0/0)",
        "('')",
        "('é')",
        "(none)",
        "(list)",
        "(obj)",
        "(2, true)",
        "(1e9)",
        "(100000000000)",
        "(1, 2, 3)",
        "('a', 'b', -5)",
        "(reverse=true)",
    ];
    let methods = [
        "charAt",
        "charCodeAt",
        "concat",
        "endsWith",
        "includes",
        "indexOf",
        "lastIndexOf",
        "replace",
        "slice",
        "split",
        "startsWith",
        "substring",
        "toExponential",
        "toFixed",
        "toPrecision",
        "toString",
        "at",
        "fill",
        "flat",
        "join",
        "pop",
        "push",
        "reverse",
        "shift",
        "sort",
        "splice",
        "unshift",
        "append",
        "count",
        "insert",
        "remove",
        "get",
        "items",
        "test",
    ];
    for value in values {
        for argument in arguments {
            for filter in filters() {
                check(&format!("${{{{ ({value}) | {filter}{argument} }}}}"));
            }
            for method in methods {
                let source = format!("{{{{ ({value}).{method}{argument} }}}}");
                let _ = render(
                    &source,
                    &context(),
                    Dialect { cookiecutter: true, lenient: true, ..Dialect::default() },
                );
            }
        }
    }
}

/// Each rendering is within its own bounds, all of them together are not.
#[test]
fn renderings_of_one_run_share_its_work() {
    let fuel = Fuel::of_run(1000);
    let dialect = Dialect { fuel: Some(&fuel), ..Dialect::default() };
    let busy = "{% for i in range(0, 200) %}{% endfor %}";
    let rendered: Vec<_> = (0..10).map(|_| render(busy, &context(), dialect)).collect();
    let done = rendered.iter().take_while(|one| one.is_ok()).count();
    assert!((1..=5).contains(&done), "{rendered:?}");
    let failure = rendered[done].as_ref().expect_err("too much");
    assert!(failure.message.contains("do too much work together"), "{failure}");
    assert!(rendered[done..].iter().all(Result::is_err), "nothing is left for those behind it");
    assert!(render(busy, &context(), Dialect::default()).is_ok());
}

/// Whatever is nearly a template: rendered or refused, and no longer than its fuel allows.
#[test]
fn a_mutated_template_is_rendered_or_refused() {
    let good = [
        "${{ values.name | upper }} ${{ list | join(', ') }} {% for x in list %}${{ loop.index }}: ${{ x * 2 + n }}{% endfor %}",
        "{% if n > 0 and text is defined %}a{% elif not obj.a %}b{% else %}c{% endif %}{# note #}{% raw %}${{ }}{% endraw %}",
        "{% set s = text ~ 'x' %}{% macro m(a, b=1) %}${{ a }}-${{ b }}{% endmacro %}${{ m(s, b=list[0:2]) }}${{ {a: 1, 'b': [1, 2]} | dump(2) }}",
        "${{ text.split(' ')[0].replace(r/e/g, 'a') if n == 1 else none }}${{ range(3) | batch(2) | length }}${{ 1 // 2 ** 3 % 4 }}",
    ];
    crate::mutation::each(&good, |source| {
        check(source);
        if let Ok(text) = render(source, &context(), Dialect { lenient: true, ..Dialect::default() }) {
            assert!(text.len() < 64 << 20, "{} bytes", text.len());
        }
    });
}
