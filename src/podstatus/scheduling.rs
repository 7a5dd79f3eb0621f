//! What the scheduler says of the nodes, clause by clause.

use crate::pattern::regex;

/// One reason of the scheduler's, and how many nodes it rules out; `None` where it rules out any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub nodes: Option<u64>,
    pub text: String,
}

impl Clause {
    /// `2 Insufficient cpu`
    pub fn text_with_nodes(&self) -> String {
        match self.nodes {
            Some(nodes) => format!("{nodes} {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// N of `0/N nodes are available`.
pub fn total_nodes(message: &str) -> Option<u64> {
    let words = regex!(r"\b\d+/(\d+) nodes are available").captures(message)?;
    words.get(1)?.as_str().parse().ok()
}

/// The clauses before the account of preemption. A comma may stand within one (`had taint {..}, that the pod
/// didn't tolerate`); releases before 1.9 counted in parentheses.
pub fn clauses(message: &str) -> Vec<Clause> {
    let body = regex!(r"^.*?(nodes are available( that match all of the (following )?predicates)?:+\s*)")
        .replace(message, "");
    let body = regex!(r"\s*(\.\s+(preemption|no new claims)|,? ?(preemption|no new claims)[^,]*:|\.\s).*$")
        .replace(&body, "");
    let mut clauses: Vec<Clause> = Vec::new();
    for piece in body
        .split(", ")
        .map(|piece| piece.trim().trim_end_matches(['.', ',']))
        .filter(|piece| !piece.is_empty())
    {
        let (nodes, text) = counted(piece);
        match clauses.last_mut() {
            Some(last) if nodes.is_none() && piece.starts_with("that ") => {
                last.text += ", ";
                last.text += piece;
            }
            _ => clauses.push(Clause { nodes, text: text.to_string() }),
        }
    }
    clauses
}

fn counted(piece: &str) -> (Option<u64>, &str) {
    if let Some((number, text)) = piece.split_once(' ')
        && let Ok(nodes) = number.parse()
    {
        return (Some(nodes), text);
    }
    let tail = piece.strip_suffix(')').and_then(|piece| piece.rsplit_once(" ("));
    match tail.and_then(|(text, number)| Some((number.parse().ok()?, text))) {
        Some((nodes, text)) => (Some(nodes), text),
        None => (None, piece),
    }
}

/// The scheduler's sentence for a line: `none of 5 nodes fits: 3 Insufficient cpu, 2 had untolerated taint(s)`, the
/// reason of the most nodes first. Text of another form stays as it is.
pub fn no_node(message: &str) -> String {
    let Some(total) = total_nodes(message) else {
        return match crate::text::sentence(message) {
            line if line.is_empty() => "no node takes it".to_string(),
            line => line,
        };
    };
    let mut clauses = clauses(message);
    if clauses.iter().all(|clause| clause.nodes.is_some()) {
        clauses.sort_by_key(|clause| std::cmp::Reverse(clause.nodes));
    }
    let told: Vec<String> =
        clauses.iter().map(|clause| clause.text_with_nodes().replace(" node(s)", "")).collect();
    format!("none of {total} nodes fits: {}", crate::text::safe(&told.join(", ")))
}
