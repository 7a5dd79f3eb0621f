//! `catalog validate`: everything that is wrong, with its place; and nothing where nothing is.

use crate::support::{Board, HELLO, tells};

const GROUP: &str = "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n";

/// A Component of that group, with annotations.
fn component(name: &str, annotations: &str) -> String {
    format!(
        "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  annotations: {{{annotations}}}\n\
         spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n"
    )
}

#[test]
fn what_is_right_is_fine() {
    let text = format!("{}{GROUP}", component("web", "backstage.io/kubernetes-id: web"));
    let board = Board::empty().file("catalog.yaml", &text);
    let output = board.run("catalog validate");
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{output}");
    assert!(
        output.stderr.starts_with("2 entities: 0 problems, 0 findings.\nnote: no kubeconfig was found"),
        "{output}"
    );
    let demo = Board::demo().run("catalog validate");
    assert_eq!(demo.code, 0, "{demo}");
}

#[test]
fn everything_that_is_wrong_has_its_place_and_nothing_is_told_twice() {
    let text = format!(
        "{}{}{GROUP}---\napiVersion: backstage.io/v1alpha1\nkind: [\n---\napiVersion: backstage.io/v1alpha1\nkind: Componnt\nmetadata: {{name: x}}\nspec: {{}}\n",
        component("web", "backstage.io/kubernetes-cluster: eu-9"),
        component("cart", "backstage.io/kubernets-id: cart").replace("team-a", "team-b"),
    );
    let board = Board::fleet("tiny").file("mine/a.yaml", &text);
    let output = board.run("catalog validate mine");
    assert_eq!(output.code, 3, "{output}");
    for row in [
        "mine/a.yaml:6:50: warning[no-cluster]: ",
        "eu-9",
        "mine/a.yaml:16:17: warning[annotation]: ",
        "  16 |   annotations: {backstage.io/kubernets-id: cart}\n     |                 ^\n  = did you mean",
        "mine/a.yaml:20:10: warning[dangling]: ",
        "team-b",
        "mine/a.yaml:31:7: error[kind]: ",
        "  = did you mean Component?",
    ] {
        assert!(output.stdout.contains(row), "{row:?} is not told:\n{output}");
    }
    assert!(!output.stderr.contains("warning"), "{output}");
    assert!(output.stderr.contains("4 entities: 2 problems, 3 findings."), "{output}");
    let names = board.run("catalog validate mine -o name");
    assert_eq!((names.code, names.stdout.lines().count()), (3, 5), "{names}");
    let json = board.run("catalog validate mine -o json");
    assert_eq!(json.json()["items"].as_array().expect("items").len(), 5);
    assert_eq!(board.run("catalog validate mine --exit-zero").code, 0);
}

#[test]
fn paths_win_over_the_catalog_and_a_lack_of_one_is_an_error() {
    let board =
        Board::empty().file("catalog.yaml", "kind: [\n").file("other.yaml", &format!("{HELLO}{GROUP}"));
    let output = board.run("catalog validate other.yaml");
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stdout.contains("ida") && !output.stdout.contains("catalog.yaml"), "{output}");
    assert_eq!(board.run("catalog validate").code, 3);
    tells(&Board::empty().run("catalog validate"), 1, &["there is no catalog", "catalog import"]);
    tells(&board.run("catalog validate nowhere"), 1, &["nowhere"]);
    tells(&board.run("catalog valdate"), 2, &["validate"]);
}
