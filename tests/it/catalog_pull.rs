//! `catalog pull`: a simulated Backstage that answers as the real one does, and as it does on bad days.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Board, Output, tells};

/// What the simulated server was asked.
#[derive(Clone, Debug, Default)]
struct AskedPage {
    path: String,
    query: BTreeMap<String, Vec<String>>,
    authorization: String,
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Bytes that are promised and do not come.
    cut: usize,
    /// The answer never comes.
    hangs: bool,
}

fn reply(status: u16, content: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status,
        headers: vec![("Content-Type", content.to_string())],
        body: body.into(),
        cut: 0,
        hangs: false,
    }
}

fn good(body: Value) -> Reply {
    reply(200, "application/json; charset=utf-8", body.to_string())
}

/// An error as Backstage's middleware writes it.
fn error(status: u16, name: &str, message: &str) -> Reply {
    let body = json!({"error": {"name": name, "message": message}, "request": {"method": "GET"}, "response": {"statusCode": status}});
    reply(status, "application/json", body.to_string())
}

struct Backstage {
    port: u16,
    asked: Arc<Mutex<Vec<AskedPage>>>,
}

impl Backstage {
    fn start(answer: impl Fn(&AskedPage) -> Reply + Send + Sync + 'static) -> Backstage {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked: Arc<Mutex<Vec<AskedPage>>> = Arc::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || {
                    let _ = serve(stream, &kept, &*answer);
                });
            }
        });
        Backstage { port, asked }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<AskedPage> {
        self.asked.lock().expect("whole").clone()
    }
}

fn serve(
    mut stream: TcpStream,
    kept: &Mutex<Vec<AskedPage>>,
    answer: &dyn Fn(&AskedPage) -> Reply,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default().to_string();
    let mut asked = AskedPage::default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    asked.path = path.to_string();
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        asked.query.entry(key.to_string()).or_default().push(decoded(value));
    }
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) =
            line.strip_prefix("authorization: ").or_else(|| line.strip_prefix("Authorization: "))
        {
            asked.authorization = value.trim().to_string();
        }
    }
    kept.lock().expect("whole").push(asked.clone());
    let reply = answer(&asked);
    if reply.hangs {
        std::thread::sleep(Duration::from_secs(60));
        return Ok(());
    }
    write!(
        stream,
        "HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n",
        reply.status,
        reply.body.len() + reply.cut
    )?;
    for (name, value) in &reply.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&reply.body)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex: String =
            if byte == b'%' { rest.by_ref().take(2).map(char::from).collect() } else { String::new() };
        bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(byte));
    }
    String::from_utf8(bytes).expect("text")
}

fn component(name: &str, description: &str) -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
        "metadata": {"namespace": "default", "name": name, "uid": "u", "etag": "e", "description": description,
                     "annotations": {"backstage.io/kubernetes-id": name}},
        "relations": [{"type": "ownedBy", "targetRef": "group:default/team-a"}],
        "spec": {"type": "service", "lifecycle": "production", "owner": "team-a"},
    })
}

fn group() -> Value {
    json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"namespace": "default", "name": "team-a"},
           "spec": {"type": "team", "children": []}})
}

/// As `/entities/by-query` answers: a page, how many there are, and where it goes on.
fn by_query(all: &[Value], asked: &AskedPage) -> Reply {
    let one = |key: &str| asked.query.get(key).and_then(|values| values.first()).map(String::as_str);
    let limit: usize = one("limit").and_then(|text| text.parse().ok()).unwrap_or(20);
    let start: usize = one("cursor").and_then(|text| text.strip_prefix("at-=")?.parse().ok()).unwrap_or(0);
    let end = (start + limit).min(all.len());
    let info = if end < all.len() { json!({"nextCursor": format!("at-={end}")}) } else { json!({}) };
    good(json!({"items": all[start..end], "totalItems": all.len(), "pageInfo": info}))
}

fn catalog(number: usize) -> Vec<Value> {
    let mut all = vec![group()];
    all.extend((0..number).map(|n| component(&format!("service-{n}"), "")));
    all
}

fn served(all: Arc<Mutex<Vec<Value>>>) -> Backstage {
    Backstage::start(move |asked| match asked.path.as_str() {
        "/api/catalog/entities/by-query" => by_query(&all.lock().expect("whole"), asked),
        _ => error(404, "NotFoundError", "no such route"),
    })
}

#[track_caller]
fn fine(output: Output) -> Output {
    assert_eq!(output.code, 0, "{output}");
    output
}

fn file(board: &Board) -> String {
    fs::read_to_string(board.home().join("backstage.yaml")).expect("a file")
}

#[test]
fn every_page_lands_in_one_file_and_the_next_pull_says_what_changed() {
    let all = Arc::new(Mutex::new(catalog(1200)));
    let backstage = served(all.clone());
    let board = Board::empty();
    let pull = format!("catalog pull {} --write backstage.yaml", backstage.url());
    let output = fine(board.run(&pull));
    assert_eq!(output.stdout, "backstage.yaml: 1200 Components, 1 Group\n");
    let asked = backstage.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[1].query["cursor"], ["at-=500"], "{asked:?}");
    assert!(asked.iter().all(|page| page.authorization.is_empty()));
    let text = file(&board);
    assert!(
        text.starts_with("# Written by `callboard catalog pull` from http://127.0.0.1:"),
        "{}",
        &text[..200]
    );
    let services = fine(board.run("services -o name --catalog backstage.yaml"));
    assert_eq!((services.stdout.lines().count(), services.stderr.as_str()), (1200, "1200 services.\n"));
    let valid = board.run("catalog validate backstage.yaml");
    assert_eq!((valid.code, valid.stdout.as_str()), (0, ""), "{valid}");
    let again = fine(board.run(&pull));
    assert_eq!(again.stdout, "backstage.yaml: 1200 Components, 1 Group; nothing changed\n");
    assert_eq!(file(&board), text);
    {
        let mut all = all.lock().expect("whole");
        all.pop();
        all[1] = component("service-0", "new words");
        all.push(component("another", ""));
    }
    let output = fine(board.run(&pull));
    assert_eq!(output.stdout, "backstage.yaml: 1200 Components, 1 Group; 1 new, 1 changed, 1 gone\n");
    for line in [
        "new: component:default/another",
        "changed: component:default/service-0",
        "gone: component:default/service-1199",
    ] {
        assert!(output.stderr.contains(line), "{output}");
    }
    let printed = fine(board.run(&format!("catalog pull {}/", backstage.url())));
    assert!(
        printed.stdout.contains("  name: another\n") && !printed.stdout.contains("relations"),
        "{}",
        &printed.stdout[..500]
    );
}

#[test]
fn filters_are_handed_on_and_what_is_no_use_is_counted() {
    let mut all = catalog(1);
    all.push(json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "l"}, "spec": {"targets": ["./x.yaml"]}}));
    all.push(json!({"apiVersion": "corp/v1", "kind": "Robot", "metadata": {"name": "r"}}));
    all.push(json!({"no": "entity"}));
    let backstage = served(Arc::new(Mutex::new(all)));
    let board = Board::empty();
    let output = fine(board.run(&format!(
        "catalog pull {} --filter kind=component,spec.type=service --filter kind=group --write backstage.yaml",
        backstage.url()
    )));
    assert_eq!(backstage.asked()[0].query["filter"], ["kind=component,spec.type=service", "kind=group"]);
    for line in [
        "left out, 1 Location:",
        "kinds that callboard does not know: 1 Robot",
        "left out, 1 item without a kind or a name",
    ] {
        assert!(output.stderr.contains(line), "{line:?} is not told: {output}");
    }
    assert!(file(&board).contains("# Filter: kind=group\n"));
}

#[test]
fn a_token_comes_from_a_variable_a_file_or_a_command_and_goes_nowhere_else() {
    const TOKEN: &str = "tok-7c1f-secret";
    let backstage = Backstage::start(|asked| match asked.authorization.as_str() {
        "" => error(401, "AuthenticationError", "Missing credentials"),
        "Bearer tok-7c1f-secret" => by_query(&catalog(2), asked),
        other => error(403, "NotAllowedError", &format!("{other} may not")),
    });
    let board = Board::empty()
        .variable("MINE", TOKEN)
        .variable("OTHER", "tok-other-secret")
        .file("token", &format!("  {TOKEN}\n"))
        .file("two", "a b\n")
        .file("print", &format!("echo {TOKEN}; echo noise >&2\n"));
    let pull = |more: &str| {
        let words = format!("catalog pull {} {more}", backstage.url());
        let output = board.run(&words);
        assert!(!format!("{output}").contains("-secret"), "the token is printed: {output}");
        output
    };
    tells(&pull(""), 1, &["unauthorized", "--token-env, --token-file or --token-command"]);
    for more in ["--token-env MINE", "--token-file token"] {
        assert_eq!(pull(more).code, 0, "{more}");
    }
    let words = ["catalog", "pull", &backstage.url(), "--token-command", "sh print"];
    drop(fine(board.run_words(words)));
    tells(&pull("--token-env OTHER"), 1, &["forbidden", "may the token read the catalog"]);
    tells(&pull("--token-env NONE"), 1, &["the variable NONE of --token-env is not set"]);
    tells(&pull("--token-file nowhere"), 1, &["nowhere does not exist"]);
    tells(&pull("--token-file two"), 1, &["the token is empty, or holds what a token cannot"]);
    tells(&pull("--token-command false"), 1, &["ended with exit code 1"]);
    tells(&pull("--token-file token --token-env MINE"), 2, &["--token-env", "--token-file"]);
    let usual = Board::empty().variable("BACKSTAGE_TOKEN", TOKEN);
    drop(fine(usual.run(&format!("catalog pull {}", backstage.url()))));
    let clear = usual.run("catalog pull http://backstage.invalid");
    tells(&clear, 1, &["the token would be sent in the clear"]);
    tells(&usual.run("catalog pull https://me:hunter3@backstage.invalid"), 1, &["without user or query"]);
    assert!(!usual.run("catalog pull https://me:hunter3@backstage.invalid").stderr.contains("hunter3"));
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = served(Arc::new(Mutex::new(catalog(1))));
    let to = format!("{}/api/catalog/entities/by-query", elsewhere.url());
    let backstage = Backstage::start(move |_| Reply {
        headers: vec![("Location", to.clone()), ("Content-Type", "text/html".to_string())],
        ..reply(302, "text/html", "")
    });
    let board = Board::empty().variable("BACKSTAGE_TOKEN", "tok-7c1f-secret");
    let output = board.run(&format!("catalog pull {}", backstage.url()));
    tells(&output, 1, &["redirected to 127.0.0.1 (302), not followed"]);
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
}

#[test]
fn an_old_backstage_is_asked_by_offset() {
    let all = catalog(700);
    let backstage = Backstage::start(move |asked| match asked.path.as_str() {
        "/base/api/catalog/entities" => {
            let start: usize = asked.query["offset"][0].parse().expect("a number");
            let end = (start + 500).min(all.len());
            good(json!(all[start..end]))
        }
        _ => error(404, "NotFoundError", "no such route"),
    });
    let board = Board::empty();
    let output = fine(
        board.run(&format!("catalog pull {}/base --filter kind=x --write backstage.yaml", backstage.url())),
    );
    assert_eq!(output.stdout, "backstage.yaml: 700 Components, 1 Group\n");
    let asked = backstage.asked();
    assert_eq!((asked.len(), asked[1].query["filter"].len()), (3, 1));
    // The oldest give everything at once.
    let all = catalog(700);
    let oldest = Backstage::start(move |asked| match asked.path.as_str() {
        "/api/catalog/entities" => good(json!(all)),
        _ => reply(404, "", ""),
    });
    let output = fine(Board::empty().run(&format!("catalog pull {} --write backstage.yaml", oldest.url())));
    assert_eq!(output.stdout, "backstage.yaml: 700 Components, 1 Group\n");
}

/// Whatever goes wrong, the file that is there stays as it is, and the reason is told.
#[test]
fn a_bad_day_costs_nothing() {
    type Answer = Box<dyn Fn(&AskedPage) -> Reply + Send + Sync>;
    let paged = |second: fn() -> Reply| -> Answer {
        let all = catalog(600);
        Box::new(
            move |asked| if asked.query.contains_key("cursor") { second() } else { by_query(&all, asked) },
        )
    };
    let days: Vec<(&str, Answer, &[&str])> = vec![
        (
            "404",
            Box::new(|_| error(404, "NotFoundError", "nope")),
            &["no catalog is served there", "backend.baseUrl"],
        ),
        ("500", Box::new(|_| error(500, "Error", "boom")), &["server: 500"]),
        ("503 in the middle", paged(|| error(503, "ServiceUnavailableError", "later")), &["server: 503"]),
        (
            "404 in the middle",
            paged(|| error(404, "NotFoundError", "gone")),
            &["a page in the middle is not there"],
        ),
        (
            "a login page",
            Box::new(|_| reply(200, "text/html", "<html>sign in")),
            &["text/html came, not application/json", "backend.baseUrl"],
        ),
        (
            "a page of nothing",
            Box::new(|_| reply(404, "text/html", "<html>")),
            &["no catalog", "backend.baseUrl"],
        ),
        ("garbage", Box::new(|_| reply(200, "application/json", "{nope")), &["the answer is not JSON"]),
        (
            "another API",
            Box::new(|_| good(json!({"kind": "PodList", "items": {}}))),
            &["the answer has no items"],
        ),
        (
            "a body cut short",
            paged(|| Reply { cut: 100, ..good(json!({"items": []})) }),
            &["protocol: end of file before message length reached"],
        ),
        (
            "a circle",
            Box::new(|_| good(json!({"items": [group()], "pageInfo": {"nextCursor": "a"}}))),
            &["go round in a circle"],
        ),
        (
            "new cursors to the same",
            Box::new(|asked| {
                let turn = asked.query.get("cursor").map_or(0, |cursor| cursor[0].len());
                good(json!({"items": [group()], "pageInfo": {"nextCursor": "a".repeat(turn + 1)}}))
            }),
            &["go round in a circle"],
        ),
        (
            "nothing to see",
            Box::new(|asked| by_query(&[], asked)),
            &["the server shows no entity", "--token-env"],
        ),
        (
            "only Locations",
            Box::new(|_| good(json!({"items": [{"kind": "Location", "metadata": {"name": "l"}}]}))),
            &["the server shows no entity"],
        ),
        (
            "no end in sight",
            paged(|| Reply { hangs: true, ..good(json!({})) }),
            &["timed out after 2s", "--cluster-timeout"],
        ),
    ];
    for (day, answer, told) in days {
        let all = Arc::new(Mutex::new(catalog(3)));
        let board = Board::empty();
        let before = served(all);
        drop(fine(board.run(&format!("catalog pull {} --write backstage.yaml", before.url()))));
        let text = file(&board);
        let backstage = Backstage::start(answer);
        let words = format!("catalog pull {} --cluster-timeout 2s --write backstage.yaml", backstage.url());
        let output = board.run(&words);
        assert_eq!(output.code, 1, "{day}: {output}");
        assert_eq!(output.stdout, "", "{day}");
        for word in told {
            assert!(output.stderr.contains(word), "{day}: {word:?} is not told: {output}");
        }
        assert!(!output.stderr.contains("Kubernetes"), "{day}: {output}");
        assert_eq!(file(&board), text, "{day}");
        let left: Vec<_> =
            fs::read_dir(board.home()).expect("listed").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left.len(), 1, "{day}: {left:?}");
    }
}

#[test]
fn a_body_without_end_is_not_read() {
    let backstage = Backstage::start(|_| reply(200, "application/json", vec![b' '; 70 << 20]));
    let output = Board::empty().run(&format!("catalog pull {} --cluster-timeout 60s", backstage.url()));
    tells(&output, 1, &["the answer is too large"]);
    let nobody = Board::empty().run("catalog pull http://127.0.0.1:1");
    tells(&nobody, 1, &["unreachable", "connection refused"]);
}

#[test]
fn fewer_than_there_are_is_incomplete_and_said() {
    let backstage = Backstage::start(|asked| {
        let mut reply = by_query(&catalog(2), asked);
        reply.body = String::from_utf8(reply.body)
            .expect("text")
            .replace("\"totalItems\":3", "\"totalItems\":9")
            .into_bytes();
        reply
    });
    let board = Board::empty();
    let output = board.run(&format!("catalog pull {} --write backstage.yaml", backstage.url()));
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stderr.contains("3 entities came, and the server says that there are 9"), "{output}");
    assert!(file(&board).contains("# 3 entities came, and the server says that there are 9"));
}

#[test]
fn what_pull_did_not_write_is_not_overwritten() {
    let backstage = served(Arc::new(Mutex::new(catalog(1))));
    let board = Board::empty().file("mine.yaml", "precious: true\n").file("ca.pem", "no certificate\n");
    let pull = |more: &str| board.run(&format!("catalog pull {} {more}", backstage.url()));
    tells(&pull("--write mine.yaml"), 1, &["mine.yaml exists, and catalog pull did not write it"]);
    assert_eq!(fs::read_to_string(board.home().join("mine.yaml")).expect("there"), "precious: true\n");
    assert!(backstage.asked().is_empty(), "it is said before anything is asked");
    tells(&pull("--write ."), 1, &["."]);
    let output = board.run("catalog pull https://backstage.invalid --certificate-authority ca.pem");
    tells(&output, 1, &["certificate"]);
    drop(fine(pull("--write new/backstage.yaml")));
    tells(&board.run("catalog pull"), 2, &["<URL>"]);
    tells(&board.run("catalog pul https://x"), 2, &["pull"]);
}

#[test]
fn who_interrupts_has_nothing_half_written() {
    let backstage = Backstage::start(|_| Reply { hangs: true, ..good(json!({})) });
    let board = Board::empty();
    let mut child = board
        .command(["catalog", "pull", &backstage.url(), "--write", "backstage.yaml"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    while backstage.asked().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(!board.home().join("backstage.yaml").exists());
}
