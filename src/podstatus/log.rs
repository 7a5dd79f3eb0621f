//! What the kubelet answers in place of a log that it no longer has.

/// How its sentences begin. They come with 200 and without a time (kubernetes#107243, #102170): the log of a run that
/// the kubelet has removed, or whose file is gone.
const SENTENCES: &[&str] = &[
    "unable to retrieve container logs for ",
    "failed to try resolving symlinks in path ",
    "failed to open log file ",
    "failed to create fsnotify watcher",
    "failed to watch file ",
    "failed to get container status ",
    "failed to read log file ",
    "failed parsing log ",
    "failed to get parse function",
    "an error occurred when try to find container ",
    "rpc error: code = NotFound desc = an error occurred when try to find container",
    "rpc error: code = Unknown desc = Error: No such container",
    "Error: No such container",
    "unable to fetch logs",
];

/// Whether a line is the kubelet's own and not the container's.
pub fn is_kubelet_sentence(line: &str) -> bool {
    SENTENCES.iter().any(|words| line.starts_with(words))
}
