//! Steps of Roadie's utilities: data through JSONata, and YAML as their options lay it out.

use crate::new::{TROUBLE, read};
use crate::support::Board;

#[test]
fn jsonata_decides_about_files() {
    let steps = r#"  - {id: j, action: 'roadiehq:utils:jsonata', input: {data: {tags: [a, b]}, expression: "$join(tags, '+')"}}
  - {id: p, action: 'fetch:plain', input: {url: ./skeleton}}
  - {id: t, action: 'roadiehq:utils:jsonata:json:transform', input: {path: package.json, expression: '$ ~> |$|{"name": "orders"}|', space: '  '}}
  - {id: w, action: 'roadiehq:utils:fs:write', input: {path: package.json, content: '${{ steps.t.output.result }}'}}
  - {id: u, action: 'roadiehq:utils:jsonata:yaml:transform', input: {path: values.yaml, expression: '$merge([$, {"tags": ["x"]}])', options: {indentSeq: false}}}
  - {id: x, action: 'roadiehq:utils:fs:write', input: {path: '${{ steps.j.output.result }}.yaml', content: '${{ steps.u.output.result }}'}}
"#;
    let board = Board::empty()
        .file("t/template.yaml", &format!("{TROUBLE}{steps}"))
        .file("t/skeleton/package.json", r#"{"name": "x", "version": "1.0.0"}"#)
        .file("t/skeleton/values.yaml", "a: 'yes'\n");
    let output = board.run("new ./t out");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(read(&board, "out/package.json"), "{\n  \"name\": \"orders\",\n  \"version\": \"1.0.0\"\n}");
    assert_eq!(read(&board, "out/a+b.yaml"), "a: yes\ntags:\n- x\n");
}

#[test]
fn an_expression_that_is_wrong_names_its_step() {
    let steps = "  - {id: j, action: 'roadiehq:utils:jsonata', input: {data: {}, expression: '$now()'}}\n";
    let board = Board::empty().file("t/template.yaml", &format!("{TROUBLE}{steps}"));
    let output = board.run("new ./t out");
    assert_eq!(output.code, 1, "{output}");
    let told = output.to_string();
    assert!(told.contains("step 'j' (roadiehq:utils:jsonata)") && told.contains("no clock"), "{told}");
}

#[test]
fn options_lay_yaml_out() {
    let steps = "  - {id: p, action: 'fetch:plain', input: {url: ./skeleton}}
  - {id: m, action: 'roadiehq:utils:merge', input: {path: k.yaml, content: {resources: [b]}, mergeArrays: true, options: {indentSeq: false}}}
  - {id: s, action: 'roadiehq:utils:serialize:yaml', input: {data: {a: {b: [1]}}, options: {indent: 4}}}
  - {id: w, action: 'roadiehq:utils:fs:write', input: {path: s.yaml, content: '${{ steps.s.output.serialized }}'}}
";
    let board = Board::empty()
        .file("t/template.yaml", &format!("{TROUBLE}{steps}"))
        .file("t/skeleton/k.yaml", "resources:\n- a\n");
    let output = board.run("new ./t out");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(read(&board, "out/k.yaml"), "resources:\n- a\n- b\n");
    assert_eq!(read(&board, "out/s.yaml"), "a:\n    b:\n        - 1\n");
}

/// A chart's values are merged in many a template of public repositories, and their comments are their documentation.
#[test]
fn comments_of_a_merged_file_are_kept() {
    let steps = "  - {id: p, action: 'fetch:plain', input: {url: ./skeleton}}
  - {id: m, action: 'roadiehq:utils:merge', input: {path: values.yaml, preserveYamlComments: true, content: {image: {tag: v2}, debug: true}}}
  - {id: n, action: 'roadiehq:utils:merge', input: {path: hard.yaml, preserveYamlComments: true, content: {b: {k: 2}}}}
";
    let values = "# the image\nimage:\n  repo: 'r/x' # where\n  tag: v1\n\n# how many\nreplicas: 2\n";
    let board = Board::empty()
        .file("t/template.yaml", &format!("{TROUBLE}{steps}"))
        .file("t/skeleton/values.yaml", values)
        .file("t/skeleton/hard.yaml", "# c\na: &m {k: 1}\nb: *m\n");
    let output = board.run("new ./t out");
    assert_eq!(output.code, 0, "{output}");
    let expected = values.replace("tag: v1", "tag: v2") + "debug: true\n";
    assert_eq!(read(&board, "out/values.yaml"), expected);
    assert_eq!(read(&board, "out/hard.yaml"), "a:\n  k: 1\nb:\n  k: 2\n");
    assert!(output.to_string().contains("hard.yaml") && output.to_string().contains("comments are not kept"));
}
