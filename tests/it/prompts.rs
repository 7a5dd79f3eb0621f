//! The questions of `new`, answered by somebody at a keyboard.

use std::fs;
use std::path::Path;

use crate::support::Board;
use crate::terminal::Typist;

const FORM: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: form, title: A form}
spec:
  type: service
  owner: guild
  parameters:
  - title: Who
    description: The people behind it
    required: [name, owner]
    ui:order: [name, '*']
    properties:
      owner: {type: string, title: Owner, ui:field: OwnerPicker, ui:options: {catalogFilter: {kind: Group}}}
      name: {type: string, title: Name, pattern: '^[a-z-]+$', ui:placeholder: orders, ui:help: Lower case}
      api: {type: string, title: API, ui:field: OwnedEntityPicker, ui:options: {catalogFilter: {kind: API}}}
      token: {type: string, title: Token, minLength: 3, ui:field: Secret}
  - title: How
    properties:
      database: {type: boolean, title: Database}
      size: {type: string, title: Size, enum: [s, l], enumNames: [Small, Large], default: l}
      registry:
        type: object
        title: Registry
        required: [host]
        properties:
          host: {type: string, title: Host}
          password: {type: string, title: Password, ui:widget: password}
      routes:
        type: array
        title: Routes
        items: {type: object, required: [path], properties: {path: {type: string, title: Path}, port: {type: integer, title: Port, default: 80}}}
      tags: {type: array, title: Tags, items: {type: string}, ui:field: EntityTagsPicker}
    dependencies:
      database:
        oneOf:
        - properties: {database: {const: true}, engine: {type: string, title: Engine, enum: [pg, my]}}
          required: [engine]
        - properties: {database: {const: false}}
  steps:
  - id: make
    action: fetch:template
    input:
      url: ./skeleton
      values: {name: '${{ parameters.name }}', owner: '${{ parameters.owner }}', all: '${{ parameters | dump }}'}
";

const CATALOG: &str = "apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a, title: Team A}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-b}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ida}
spec: {memberOf: [team-b]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: of-a, tags: [grpc]}
spec: {type: openapi, lifecycle: production, owner: team-a, definition: x}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: of-b, tags: [grpc, rest]}
spec: {type: openapi, lifecycle: production, owner: team-b, definition: x}
";

const SMALL: &str = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: small}
spec:
  type: service
  owner: guild
  parameters: {required: [name], properties: {name: {type: string, title: Name}}}
  steps: [{id: make, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}]
";

fn board() -> Board {
    Board::empty()
        .variable("CALLBOARD_ME", "ida")
        .file("form/template.yaml", FORM)
        .file("form/skeleton/all.json", "${{ values.all }}\n")
        .file("small/template.yaml", SMALL)
        .file("small/skeleton/a.txt", "a of ${{ values.name }}\n")
        .file("small/skeleton/b.txt", "b of ${{ values.name }}\n")
        .file("small/skeleton/c.txt", "c\n")
        .file("catalog.yaml", CATALOG)
}

fn read(board: &Board, path: &str) -> String {
    fs::read_to_string(board.home().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";
const CTRL_C: &str = "\u{3}";

#[test]
fn a_form_is_answered_question_by_question() {
    let board = board();
    let mut typist = Typist::start(&board, "new ./form --no-register");
    typist.sees("A form").sees("Who").sees("The people behind it");
    typist.sees("? Name: such as orders").sees("Lower case").types(ENTER).sees("an answer is needed");
    typist
        .types("Shop")
        .sees("must match")
        .types(ENTER)
        .types("\u{15}shop")
        .sees("? Name: shop")
        .types(ENTER);
    typist
        .sees("? Owner")
        .sees("> team-a  Team A")
        .sees("team-b")
        .types("team-b")
        .sees("> team-b")
        .types(ENTER);
    typist.sees("Owner: team-b");
    typist.sees("? API").sees("of-b").types(&format!("of-b{ENTER}")).sees("API: of-b");
    typist.sees("? Token: (optional)").types("s3").sees("characters").types("cret").sees("******");
    typist.types(ENTER).sees("Token: ******");
    typist.sees("How").sees("? Database").types("y").sees("Database: yes");
    typist
        .sees("? Size")
        .sees("Small")
        .sees("> Large")
        .types(DOWN)
        .sees("> Small")
        .types(ENTER)
        .sees("Size: Small");
    typist.sees("? Registry / Host:").types(&format!("x.io{ENTER}"));
    typist.sees("? Registry / Password:").types(&format!("hunter2{ENTER}")).sees("Password: *******");
    typist.sees("? Routes: add one?").types("y");
    typist.sees("? Routes 1 / Path:").types(&format!("/a{ENTER}")).sees("? Routes 1 / Port: 80").types(ENTER);
    typist.sees("? Routes: add another?").types(ENTER).sees("Routes: add another? no");
    typist.sees("? Tags").sees("grpc (2)").types(&format!(" {ENTER}")).sees("Tags: grpc");
    typist.sees("? Engine").sees("> pg").types(&format!("my{ENTER}")).sees("Engine: my");
    typist
        .sees("all.json")
        .sees("? Write 2 files to shop?")
        .types(ENTER)
        .sees("2 files from form")
        .sees("cd shop");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    let lock = read(&board, "shop/.callboard/lock.yaml");
    for word in [
        "owner: group:default/team-b",
        "api: api:default/of-b",
        "size: s",
        "engine: my",
        "host: x.io",
        "- path: /a\n      port: 80",
        "tags:\n    - grpc",
        "secrets:\n  - registry.password\n  - token",
    ] {
        assert!(lock.contains(word), "{word:?} is not in\n{lock}");
    }
    for secret in ["s3cret", "hunter2"] {
        assert!(!typist.screen().contains(secret) && !lock.contains(secret), "{secret} is seen");
    }
}

#[test]
fn entities_of_others_are_not_offered_as_mine() {
    let board = board();
    let mut typist = Typist::start(&board, "new ./form shop --set owner=team-a --set token=abc");
    typist.sees("? API").sees("of-b").sees("(none)");
    assert!(!typist.screen().contains("of-a"), "{}", typist.screen());
    typist.types("\u{1b}").sees("nothing was written");
    assert_eq!(typist.ends(), 130);
}

/// Names below a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn leaving_at_any_question_writes_nothing_and_restores_the_terminal() {
    let before = ["catalog.yaml", "form", "small"];
    let signals = [("", "INT", 130), ("", "TERM", 143), ("", "HUP", 129)];
    for (leave, signal, code) in
        [(CTRL_C, "", 130), ("\u{1b}", "", 130), ("\u{4}", "", 130)].into_iter().chain(signals)
    {
        let board = board();
        let mut typist = Typist::start(&board, "new ./form");
        typist.sees("? Name:");
        if signal.is_empty() {
            typist.types(leave)
        } else {
            typist.signal(signal)
        };
        assert_eq!(typist.ends(), code, "{leave:?}{signal}");
        assert_eq!(names(board.home()), before);
    }
    for (words, question, leave) in [
        ("--set name=x", "? Owner", CTRL_C),
        ("--set name=x --set owner=a --set api=b", "? Token", CTRL_C),
        ("--set name=x --set owner=a --set api=b --set token=abc", "? Database", "\u{1b}"),
    ] {
        let board = board();
        let mut typist = Typist::start(&board, &format!("new ./form {words}"));
        typist.sees(question).types(leave);
        assert_eq!(typist.ends(), 130, "{question}");
        assert_eq!(names(board.home()), before);
    }
    let board = board();
    let mut typist = Typist::start(&board, "new ./small");
    typist.sees("? Name:").types(&format!("x{ENTER}")).sees("? Write 4 files to x?").types("n");
    typist.sees("`callboard new --again` goes on with your answers");
    assert_eq!(typist.ends(), 130);
    assert_eq!(names(board.home()), [".cache", "catalog.yaml", "form", "small"]);
}

const SHIFT_TAB: &str = "\u{1b}[Z";

#[test]
fn one_can_go_back_and_what_was_typed_survives_leaving() {
    let board = board();
    let mut typist = Typist::start(&board, "new ./form --no-register");
    typist.sees("? Name:").types(&format!("shop{ENTER}")).sees("? Owner").types(SHIFT_TAB);
    typist.sees("(back)").sees("? Name: shop").types(&format!("store{ENTER}")).sees("Name: store");
    typist
        .sees("? Owner")
        .types(&format!("team-b{ENTER}"))
        .sees("Owner: team-b")
        .sees("? API")
        .types("\u{1b}");
    typist.sees("nothing was written").sees("--answers");
    assert_eq!(typist.ends(), 130);
    let kept = names(&board.home().join(".cache/callboard/forms"));
    let file = kept.iter().find(|name| name.starts_with("form-")).expect("the answers are kept");
    let kept = read(&board, &format!(".cache/callboard/forms/{file}"));
    assert!(kept.contains("name: store") && kept.contains("owner: group:default/team-b"), "{kept}");
    // Without a template, what was left last.
    let mut typist = Typist::start(&board, "new --again --set token=abc --set database=false --set size=s");
    typist.sees("? API").types(&format!("of-b{ENTER}")).sees("? Registry / Host").types(SHIFT_TAB);
    typist.sees("? API").sees("> of-b").types(ENTER).sees("? Registry / Host");
    assert!(
        !typist.screen().contains("? Name") && !typist.screen().contains("? Owner"),
        "{}",
        typist.screen()
    );
    typist.types(&format!("x.io{ENTER}")).sees("? Registry / Password").types(ENTER);
    typist.sees("? Routes: add one?").types("y").sees("? Routes 1 / Path:").types(&format!("/a{ENTER}"));
    typist
        .sees("? Routes 1 / Port")
        .types(SHIFT_TAB)
        .sees("? Routes 1 / Path: /a")
        .types(&format!("/b{ENTER}"));
    typist
        .sees("? Routes 1 / Port")
        .types(ENTER)
        .sees("? Routes: add another?")
        .types(ENTER)
        .sees("? Tags")
        .types(ENTER);
    typist.sees("? Write 2 files to store?").types(ENTER).sees("2 files from form");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    let lock = read(&board, "store/.callboard/lock.yaml");
    assert!(lock.contains("api: api:default/of-b") && lock.contains("- path: /b\n      port: 80"), "{lock}");
}

#[test]
fn the_last_question_shows_files_and_changes_answers() {
    let board = board();
    let mut typist = Typist::start(&board, "new ./small --no-register");
    typist.sees("? Name:").types(&format!("x{ENTER}")).sees("? Write 4 files to x?");
    typist
        .types("f")
        .sees("==> a.txt")
        .sees("a of x")
        .types("c")
        .sees("? Which answer")
        .sees("Name: x")
        .types(ENTER);
    typist.sees("? Name: x").types(&format!("y{ENTER}")).sees("? Write 4 files to y?").types(SHIFT_TAB);
    typist.sees("? Name: y").types(&format!("z{ENTER}")).sees("? Write 4 files to z?").types(ENTER);
    typist.sees("4 files from small");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    assert_eq!(read(&board, "z/a.txt"), "a of z\n");
    assert_eq!(names(board.home()), [".cache", "catalog.yaml", "form", "small", "z"]);
}

/// A refusal after the last answer costs none of them.
#[test]
fn a_refused_run_is_taken_up_again() {
    let steps = "steps: [{id: make, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}, {id: publish, action: 'publish:github', input: {repoUrl: '${{ parameters.repo }}'}}]";
    let text = SMALL.replace(
        "{name: {type: string, title: Name}}",
        "{name: {type: string, title: Name}, repo: {type: string, title: Repository}}",
    );
    let at = text.find("steps: [").expect("steps");
    let board = board().file("small/template.yaml", &format!("{}{steps}\n", &text[..at]));
    let mut typist = Typist::start(&board, "new ./small --no-register");
    typist
        .sees("? Name:")
        .types(&format!("x{ENTER}"))
        .sees("? Repository")
        .types(&format!("github.com?repo=x{ENTER}"));
    typist
        .sees("the repository 'github.com?repo=x' lacks owner=")
        .sees("`callboard new --again` goes on with your answers");
    assert_eq!(typist.ends(), 1, "{}", typist.screen());
    assert!(!board.home().join("x").exists());
    let output = board.run("new --again --no-register --set repo=github.com?owner=acme&repo=x");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(read(&board, "x/a.txt"), "a of x\n");
}

#[test]
fn without_a_template_one_is_chosen() {
    let board = board();
    let mut typist = Typist::start(&board, "new --from small --no-register");
    typist.sees("? Golden path").sees("> small").types(ENTER).sees("? Name:").types(&format!("x{ENTER}"));
    typist.sees("? Write 4 files to x?").types(ENTER).sees("4 files from small");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    let listed = board.run("new --from small");
    assert_eq!(listed.code, 2, "{listed}");
    assert!(listed.stderr.contains("no golden path is named; there are small"), "{listed}");
}

/// What no answer changes is said before any is asked for.
#[test]
fn a_hopeless_form_is_not_begun() {
    for (from, to, told) in [
        ("./skeleton", "./none", "there is no './none' beside the template"),
        ("fetch:template", "fetch:tempalte", "did you mean fetch:template?"),
        ("./skeleton", "https://git.example/x", "--allow-fetch HOST"),
    ] {
        let board = board().file("small/template.yaml", &SMALL.replace(from, to));
        let mut typist = Typist::start(&board, "new ./small");
        typist.sees(told);
        assert_eq!(typist.ends(), 1, "{to}");
        assert!(!typist.screen().contains("? Name"), "{}", typist.screen());
    }
}

/// An untouched checkbox is neither true nor false.
#[test]
fn a_yes_or_no_may_stay_open() {
    let page = "{required: [name], properties: {name: {type: string, title: Name}, note: {type: 'null', description: Read this first.}, flag: {type: boolean, title: Flag}}, dependencies: {flag: {oneOf: [{properties: {flag: {const: true}, why: {type: string}}, required: [why]}]}}}";
    let at = SMALL.find("parameters: ").expect("parameters") + "parameters: ".len();
    let end = SMALL[at..].find('\n').expect("a line") + at;
    let board = board().file("small/template.yaml", &format!("{}{page}{}", &SMALL[..at], &SMALL[end..]));
    let mut typist = Typist::start(&board, "new ./small --no-register");
    typist
        .sees("? Name:")
        .types(&format!("x{ENTER}"))
        .sees("Read this first.")
        .sees("? Flag (y/n, Enter says neither)");
    typist.types(ENTER).sees("Flag: -").sees("? Write 4 files to x?").types(ENTER).sees("4 files");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    assert!(!read(&board, "x/.callboard/lock.yaml").contains("flag"));
}

/// Nothing is asked where everything is answered, and nothing is asked again.
#[test]
fn what_is_answered_is_not_asked() {
    let board = board();
    let mut typist = Typist::start(&board, "new ./small shop");
    typist.sees("4 files from small");
    assert_eq!(typist.ends(), 0);
    assert!(!typist.screen().contains("? "), "{}", typist.screen());
    let mut typist = Typist::start(&board, "new ./form Shop_1");
    typist.sees("? Name:").types("\u{1b}");
    assert_eq!(typist.ends(), 130, "a directory whose name is none is asked about");
    let mut typist = Typist::start(&board, "new ./small other --set nmae=x");
    typist.sees("did you mean 'name'");
    assert_eq!(typist.ends(), 2);
}

fn with_shop() -> Board {
    board()
        .file("shop/a.txt", "mine\n")
        .file("shop/b.txt", "a\nb\nmine\n")
        .file("shop/c.txt", "c\n")
        .file("shop/d.txt", "d\n")
}

#[test]
fn files_that_differ_are_shown_and_asked_about_one_by_one() {
    let board = with_shop();
    let mut typist = Typist::start(&board, "new ./small shop --no-register");
    typist.sees("--- a.txt (yours)").sees("+++ a.txt (the template's)").sees("-mine").sees("+a of shop");
    typist.sees("? a.txt (1 of 2)").sees("k keep mine").types("xk").sees("a.txt (1 of 2): keep mine");
    typist.sees("--- b.txt").sees("? b.txt (2 of 2)").types("t");
    typist.sees("2 files from small, 1 replaced, 1 kept as yours, 1 there already");
    assert_eq!(typist.ends(), 0, "{}", typist.screen());
    let all = ["a.txt", "b.txt", "c.txt", "d.txt"].map(|file| read(&board, &format!("shop/{file}")));
    assert_eq!(all, ["mine\n", "b of shop\n", "c\n", "d\n"]);
    assert_eq!(names(&board.home().join("shop")), [".callboard", "a.txt", "b.txt", "c.txt", "d.txt"]);
}

#[test]
fn all_or_none_or_nothing_at_all() {
    for (key, code, expect) in [
        ("a", 0, ["a of shop\n", "b of shop\n"]),
        ("n", 0, ["mine\n", "a\nb\nmine\n"]),
        ("q", 130, ["mine\n", "a\nb\nmine\n"]),
        (CTRL_C, 130, ["mine\n", "a\nb\nmine\n"]),
    ] {
        let board = with_shop();
        let mut typist = Typist::start(&board, "new ./small shop --no-register");
        typist.sees("? a.txt (1 of 2)").types(key);
        assert_eq!(typist.ends(), code, "{key:?}\n{}", typist.screen());
        let all = ["a.txt", "b.txt"].map(|file| read(&board, &format!("shop/{file}")));
        assert_eq!(all, expect, "{key:?}");
        assert_eq!(board.home().join("shop/.callboard").exists(), code == 0, "{key:?}");
    }
}

/// What somebody writes while the question is open is not lost.
#[test]
fn a_file_that_changes_meanwhile_is_not_replaced() {
    let board = with_shop();
    let mut typist = Typist::start(&board, "new ./small shop --no-register");
    typist.sees("? a.txt (1 of 2)");
    fs::write(board.home().join("shop/b.txt"), "newer\n").expect("written");
    typist.types("a").sees("b.txt was changed meanwhile");
    assert_eq!(typist.ends(), 1);
    assert_eq!(read(&board, "shop/a.txt"), "mine\n");
    assert_eq!(read(&board, "shop/b.txt"), "newer\n");
    assert_eq!(names(&board.home().join("shop")), ["a.txt", "b.txt", "c.txt", "d.txt"]);
}

/// Two Components of one name hide each other, so that the second is refused while its name is typed.
#[test]
fn a_name_that_the_catalog_has_is_refused_as_it_is_typed() {
    let component = "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: orders}\nspec: {type: library, lifecycle: production, owner: team-a}\n";
    let board = Board::empty().file("catalog.yaml", &format!("{CATALOG}{component}"));
    let mut typist = Typist::start(&board, "new library --no-register");
    typist
        .sees("? Name")
        .types("orders")
        .sees("component:default/orders is in the catalog already")
        .types(ENTER);
    typist.types("-two").types(ENTER).sees("? Owner").types(CTRL_C);
    assert_eq!(typist.ends(), 130, "{}", typist.screen());
}
