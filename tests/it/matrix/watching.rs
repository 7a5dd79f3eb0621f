//! Faults while one watches: `events -w` and `logs -f` go on, and ask no more than a watch may.

use std::process::{Command, Stdio};

use crate::matrix::page::{Told, told};
use crate::matrix::{all_hold, ensure, finished, fleet};
use crate::support::Board;

pub const TABLE: &[Told] = &[
    Told {
        fault: "410 while watching",
        happens: "the list is read anew, and the watch taken up after a pause that grows",
        codes: &[130],
    },
    Told {
        fault: "429 while watching",
        happens: "as above, and not before the server wants it",
        codes: &[130],
    },
    Told { fault: "500 while watching", happens: "as above", codes: &[130] },
    Told { fault: "closed while watching", happens: "as above", codes: &[130] },
    Told { fault: "stalled while watching", happens: "what others say goes on", codes: &[130] },
];

const FAULTS: &[(&str, &str)] = &[
    ("410 while watching", "gone"),
    ("429 while watching", "429"),
    ("500 while watching", "500"),
    ("closed while watching", "close"),
    ("stalled while watching", "hang"),
];

/// In four seconds: the lists of the start, twice at most, and a few watches.
const MOST: usize = 60;

fn check(fault: &str, id: &str, words: &str) -> Result<(), String> {
    let directory = fleet("latency: 0ms");
    let settings =
        std::fs::read_to_string(directory.path().join("fleet.yaml")).map_err(|error| error.to_string())?;
    let broken = format!("{settings}timeline:\n- {{after: 2s, cluster: bad, break: {id}}}\n");
    std::fs::write(directory.path().join("fleet.yaml"), broken).map_err(|error| error.to_string())?;
    let board = Board::at(directory.path());
    let inner = board.command(words.split(' '));
    let mut command = Command::new("timeout");
    command.args(["--preserve-status", "--foreground", "--signal=INT", "6"]);
    command.arg(inner.get_program()).args(inner.get_args()).args(["--cluster-timeout", "5s"]);
    command.current_dir(board.home()).env_clear().stdin(Stdio::null());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = finished(command)?;
    let output = board.told(&output);
    let code = told(TABLE, fault).codes[0];
    ensure(output.code == code, || format!("exit {}, not {code}\n{output}", output.code))?;
    let asked = board.asked();
    for cluster in ["bad", "good"] {
        let count = asked.iter().filter(|line| line.starts_with(&format!("{cluster} "))).count();
        ensure(count <= MOST, || format!("{cluster} got {count} requests in 6 seconds\n{asked:#?}"))?;
    }
    let is_there = output.stdout.contains("good") || words.starts_with("logs");
    ensure(is_there, || format!("the good cluster is lost\n{output}"))
}

#[test]
fn a_watch_outlives_what_happens_to_its_server() {
    let mut cases = Vec::new();
    for (fault, id) in FAULTS {
        for words in ["events hello -w -o json", "logs hello -f -o json"] {
            cases.push((*fault, *id, words));
        }
    }
    all_hold(&cases, |(fault, id, words)| {
        check(fault, id, words).map_err(|failure| format!("--- {fault} x {words}: {failure}"))
    });
}
