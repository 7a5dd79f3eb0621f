//! `new` where a step fails, or needs a server.

use crate::new::{TROUBLE, names, read};
use crate::support::{Board, Output, tells};

/// Runs `new` with a template of these steps in `t`.
fn with_steps(steps: &str, words: &str) -> (Board, Output) {
    let board = Board::empty()
        .file("t/template.yaml", &format!("{TROUBLE}{steps}"))
        .file("t/skeleton/a", "${{ values.x }}");
    let output = board.run(&format!("new ./t out {words}"));
    (board, output)
}

#[test]
fn a_template_that_fails_leaves_nothing_and_names_the_place() {
    for (steps, words) in [
        (
            "  - {id: a, action: fetch:template, input: {url: ./skeleton, values: {}}}\n",
            ["t/skeleton/a:1", "x"],
        ),
        (
            "  - {id: a, action: fetch:plain, input: {url: ../..}}\n",
            ["t/template.yaml:9", "leaves the source"],
        ),
        (
            "  - {id: a, action: fetch:plain, input: {url: ./skeleton, targetPath: ../up}}\n",
            ["template.yaml:9", "leaves"],
        ),
        (
            "  - {id: a, action: fetch:plain, input: {url: ./skeleton, targetPath: .git/hooks}}\n",
            ["template.yaml", "git"],
        ),
        (
            "  - {id: a, action: debug:log, input: {message: '${{ parameters.nmae }}'}}\n",
            ["template.yaml:9", "nmae"],
        ),
        (
            "  - {id: a, action: fetch:plain, input: {url: 'https://git.example/x'}}\n",
            ["--allow-fetch", "git.example"],
        ),
    ] {
        let (board, output) = with_steps(steps, "");
        tells(&output, 1, &words);
        assert!(!board.home().join("out").exists(), "{steps}");
        assert_eq!(names(&board, "."), ["t"], "{steps}");
    }
    let (_, lenient) = with_steps(
        "  - {id: a, action: fetch:template, input: {url: ./skeleton, values: {}}}\n",
        "--lenient",
    );
    assert_eq!(lenient.code, 0, "{lenient}");
}

#[test]
fn steps_for_a_server_are_refused_skipped_or_stubbed() {
    let steps = "  - {id: argo, action: 'argocd:create-resources'}\n  - {id: log, action: debug:log, input: {message: '${{ steps.argo.output.url }}'}}\n";
    let (board, output) = with_steps(steps, "--strict");
    tells(
        &output,
        1,
        &[
            "template.yaml:9",
            "argocd:create-resources",
            "used by step 'log'",
            "--skip argo",
            "--stub argo.url=VALUE",
        ],
    );
    assert!(!board.home().join("out").exists());
    let (board, output) = with_steps(steps, "");
    tells(&output, 1, &["nothing is left to write", "'argo' (argocd:create-resources)"]);
    assert!(!board.home().join("out").exists());
    let make = "  - {id: a, action: fetch:plain, input: {url: ./skeleton}}\n";
    let (board, output) = with_steps(&format!("{make}{steps}"), "");
    tells(
        &output,
        0,
        &[
            "left out, since steps need a Backstage server: 'argo' (argocd:create-resources), 'log' (debug:log, which reads steps.argo.output.url)",
        ],
    );
    assert!(read(&board, "out/.callboard/lock.yaml").contains("skipped:\n  - argo\n  - log"));
    let (board, output) = with_steps(steps, "--stub argo.url=https://argo -v");
    tells(&output, 0, &["step 'argo' (argocd:create-resources) was left out", "log: https://argo"]);
    assert!(read(&board, "out/.callboard/lock.yaml").contains("skipped:\n  - argo"));
    let (_, output) = with_steps(steps, "--skip argo --skip log");
    tells(&output, 0, &["'argo'", "'log'"]);
    let (_, output) = with_steps(&format!("{make}{steps}"), "--skip-unsupported");
    tells(&output, 0, &["'argo'"]);
    let (_, output) = with_steps("  - {id: a, action: fetch:tempalte, input: {url: ./skeleton}}\n", "");
    tells(&output, 1, &["action fetch:tempalte, which there is not", "did you mean fetch:template?"]);
}

/// A project of Azure DevOps may hold blanks, and an address must not.
#[test]
fn an_address_holds_no_blank() {
    let steps = "  - {id: f, action: fetch:plain, input: {url: ./skeleton}}
  - {id: p, action: 'publish:azure', input: {repoUrl: 'dev.azure.com?organization=acme&project=My%20Project&repo=orders'}}
  output: {links: [{title: Repository, url: '${{ steps.p.output.remoteUrl }}'}]}\n";
    let (_, output) = with_steps(steps, "");
    let told = output.to_string();
    for words in
        ["Repository: https://dev.azure.com/acme/My%20Project/_git/orders\n", "--project 'My Project'"]
    {
        assert!(told.contains(words), "{told}");
    }
}
