//! A catalog in a repository elsewhere: fetched by git, kept, and used while the server is away.

use std::fs;
use std::path::{Path, PathBuf};

use crate::new_git::{git, with_git};
use crate::support::{Board, HELLO, Output, tells};

fn component(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{type: service, lifecycle: production, owner: team-a}}\n"
    )
}

/// The repository's address as the board's output shows it.
const SHOWN: &str = "git+file://[HOME]/central";

const GROUP: &str = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team-a}\nspec: {type: team, children: []}\n";

/// Writes files and commits them.
fn commit(repository: &Path, files: &[(&str, &str)]) {
    if !repository.exists() {
        fs::create_dir(repository).expect("made");
        git(repository, &["init", "--quiet", "-b", "main", "."]);
    }
    for (name, text) in files {
        let path = repository.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    git(repository, &["add", "-A"]);
    git(repository, &["commit", "--quiet", "-m", "x"]);
}

/// A board with a repository beside it, and the repository's address.
fn with_repository(files: &[(&str, &str)]) -> (Board, PathBuf, String) {
    let board = with_git();
    let repository = board.home().join("central");
    commit(&repository, files);
    let address = format!("git+file://{}", repository.display());
    (board, repository, address)
}

#[track_caller]
fn services(board: &Board, flags: &str, expect: &[&str]) -> Output {
    let output = board.run(&format!("services -o name {flags}"));
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expect, "{output}");
    output
}

#[track_caller]
fn only(board: &Board, flags: &str, expect: &[&str]) {
    drop(services(board, flags, expect));
}

/// Makes what is known of every address so much older, in seconds.
fn grow_older(board: &Board, seconds: i64) {
    let mut directories = vec![board.home().to_path_buf()];
    let mut aged = 0;
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|end| end == "ref" || end == "failed")
                && path.parent().is_some_and(|above| above.ends_with("git"))
            {
                let text = fs::read_to_string(&path).expect("read");
                let (before, at) =
                    text.trim().rsplit_once(' ').map_or(("", text.trim()), |(commit, at)| (commit, at));
                let at: jiff::Timestamp = at.parse().expect("an instant");
                let older = at - jiff::SignedDuration::from_secs(seconds);
                fs::write(&path, format!("{before} {older}").trim()).expect("written");
                aged += 1;
            }
        }
    }
    assert!(aged > 0, "nothing is known yet");
}

#[test]
fn a_catalog_is_read_from_a_directory_a_file_or_a_pattern_of_a_repository() {
    let (board, _, address) = with_repository(&[
        ("services/cart/catalog-info.yaml", &component("cart")),
        ("services/search/catalog-info.yaml", &component("search")),
        ("services/search/other.yaml", &component("other")),
        ("groups.yaml", GROUP),
    ]);
    only(&board, &format!("--catalog {address}//services"), &["cart", "other", "search"]);
    only(&board, &format!("--catalog {address}//services/cart/catalog-info.yaml@main"), &["cart"]);
    only(&board, &format!("--catalog {address}//services/**/catalog-info.yaml@main"), &["cart", "search"]);
    only(&board, &format!("--catalog {address} --owner team-a"), &["cart", "other", "search"]);
    // Each file by its address, wherever its copy lies.
    let output = board.run(&format!("catalog why cart --catalog {address}//services@main"));
    tells(&output, 0, &[&format!("{SHOWN}//services/cart/catalog-info.yaml@main")]);
    assert!(!output.stdout.contains(".cache") && !output.stdout.contains("-e69de29b"), "{output}");
    // The list variable, whose colons an address keeps.
    let board = board.file("own.yaml", &component("own"));
    let listed = format!("{address}//services/cart:own.yaml");
    let board = board.variable("CALLBOARD_CATALOG", listed);
    only(&board, "", &["cart", "own"]);
}

#[test]
fn locations_and_placeholders_stay_inside_the_repository() {
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: root}\nspec:\n  targets:\n  - ../services/*.yaml\n  - ../../own.yaml\n  - ../../../../../../../../../../../../etc/os-release\n";
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: a, description: {$text: ../words.txt}}\nspec: {type: openapi, lifecycle: production, owner: team-a, definition: {$text: ../../own.yaml}}\n";
    let (board, _, address) = with_repository(&[
        ("catalog/all.yaml", location),
        ("services/cart.yaml", &component("cart")),
        ("services/api.yaml", api),
        ("words.txt", "carts of all sorts"),
    ]);
    let board = board.file("own.yaml", &component("own"));
    let output = services(&board, &format!("--catalog {address}//catalog/all.yaml -v"), &["cart"]);
    assert!(
        output.stderr.contains(&format!("{SHOWN}//catalog/all.yaml:7:5: {SHOWN} leaves the repository")),
        "{output}"
    );
    assert!(
        output.stderr.contains(&format!("{SHOWN}//catalog/all.yaml:8:5: {SHOWN} leaves the repository")),
        "{output}"
    );
    assert!(output.stderr.contains(&format!("{SHOWN}//services/api.yaml:4:")), "{output}");
    assert!(!output.stderr.contains("os-release"), "{output}");
    let shown = board.run(&format!("catalog show api:a -o json --catalog {address}//catalog/all.yaml"));
    assert!(shown.stdout.contains("carts of all sorts"), "{shown}");
}

#[test]
fn a_copy_is_used_while_it_is_young_and_while_the_server_is_away() {
    let (board, repository, address) = with_repository(&[("a.yaml", &component("one"))]);
    let flags = format!("--catalog {address}//a.yaml@main");
    let fresh = services(&board, &flags, &["one"]);
    assert!(!fresh.stderr.contains("copy"), "{fresh}");
    commit(&repository, &[("a.yaml", &component("two"))]);
    only(&board, &flags, &["one"]);
    grow_older(&board, 700);
    only(&board, &flags, &["two"]);
    // Away: the copy, with its age and what git said; then it is not asked again for a while.
    fs::rename(&repository, board.home().join("gone")).expect("renamed");
    let young = services(&board, &flags, &["two"]);
    assert!(!young.stderr.contains("copy"), "{young}");
    grow_older(&board, 3 * 3600 + 30);
    let old = services(&board, &flags, &["two"]);
    assert!(old.stderr.contains("its copy, fetched 3h ago, is used ("), "{old}");
    assert!(old.stderr.contains("cannot be fetched: git fetch: "), "{old}");
    let again = services(&board, &flags, &["two"]);
    assert!(
        again.stderr.contains("it could not be fetched") && !again.stderr.contains("git fetch:"),
        "{again}"
    );
    let offline = services(&board, &format!("{flags} --offline"), &["two"]);
    assert!(offline.stderr.contains("its copy, fetched 3h ago, is used (--offline)"), "{offline}");
    // Back: after a while it is asked again.
    fs::rename(board.home().join("gone"), &repository).expect("renamed");
    grow_older(&board, 400);
    let back = services(&board, &flags, &["two"]);
    assert!(!back.stderr.contains("copy"), "{back}");
}

#[test]
fn what_was_never_fetched_is_an_error_or_makes_the_answer_incomplete() {
    let (board, repository, address) = with_repository(&[("a.yaml", &component("one"))]);
    let output = board.run(&format!("services --catalog {address} --offline"));
    tells(&output, 1, &["it was never fetched, and --offline forbids it now: run it once without that flag"]);
    let output = board.run(&format!("services --catalog {address}//none"));
    tells(&output, 1, &["there is no YAML file"]);
    fs::remove_dir_all(&repository).expect("removed");
    let output = board.run("services --catalog git+https://ida:s3cr3t@git.invalid/x.git");
    tells(&output, 1, &["git+https://git.invalid/x.git", "cannot be fetched"]);
    assert!(!output.stderr.contains("s3cr3t"), "{output}");
    tells(&board.run("services --catalog git+ext::sh"), 1, &["this is no URL"]);
    // One entry of several: the others count, and the answer is known to be incomplete.
    let board = Board::fleet("tiny")
        .variable("PATH", std::env::var("PATH").expect("a path"))
        .file("own.yaml", HELLO)
        .variable("CALLBOARD_CATALOG", format!("own.yaml:{address}//gone"));
    let output = board.run("status");
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stdout.contains("Healthy") && output.stderr.contains("cannot be fetched"), "{output}");
    assert_eq!(board.run("status hello").code, 0, "who names a service that was read knows it");
    tells(&board.run("status cart"), 4, &["no service \"cart\"", "cannot be fetched", "may hold it"]);
}

#[test]
fn a_template_of_a_fetched_catalog_can_be_used() {
    let template = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: central, title: Central}\nspec:\n  owner: team-a\n  type: service\n  parameters: [{properties: {name: {type: string}}}]\n  steps:\n  - {id: a, action: fetch:template, input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}\n";
    let (board, repository, address) = with_repository(&[
        ("templates/central/template.yaml", template),
        ("templates/central/skeleton/README.md", "hello ${{ values.name }}\n"),
    ]);
    let board =
        board.file(".config/callboard/config.yaml", &format!("catalog: ['{address}//templates@main']\n"));
    tells(&board.run("template list"), 0, &[]);
    let output = board.run("new central made --no-register --set name=ida");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(fs::read_to_string(board.home().join("made/README.md")).expect("made"), "hello ida\n");
    let lock = fs::read_to_string(board.home().join("made/.callboard/lock.yaml")).expect("a lock");
    let head = git(&repository, &["rev-parse", "HEAD"]);
    assert!(lock.contains(&format!("{address}//templates/central")) && lock.contains(&head), "{lock}");
}
