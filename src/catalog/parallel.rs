//! Files read and parsed on all cores, in an order that does not depend on who was faster.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::catalog::reading::{DocumentReading, FileReading, ReadingContext, read_piece};
use crate::catalog::rules::{ENCODING, TOO_LARGE, UNREADABLE};
use crate::catalog::source::FileText;
use crate::yaml::{DocumentText, LintFinding, Place, Problem, YamlLimits, pieces};

/// A file that is to be read.
#[derive(Clone, Debug)]
pub struct FileToRead {
    /// As messages name it.
    pub name: Arc<str>,
    pub path: PathBuf,
    /// Whether a person or a Location named this very file.
    pub is_named: bool,
    /// The target of a Location that led to it.
    pub from: Option<Place>,
}

/// What a file holds, or why it cannot be read.
pub type FileOutcome = Result<Vec<DocumentReading>, LintFinding>;

/// A longer text is shared out among the cores document by document.
const LONG: usize = 256 << 10;

/// Reads files; the outcomes are in their order.
pub fn read_files(
    files: &[FileToRead],
    read: &(dyn Fn(&Path) -> anyhow::Result<Vec<u8>> + Sync),
    context: &ReadingContext<'_>,
) -> Vec<FileOutcome> {
    // A long file is left for later, when all cores can work on it.
    let short = in_parallel(files.len(), 16, |index| {
        let text = decoded(&files[index], read)?;
        Ok(match text.text.text.len() > LONG {
            true => Err(text),
            false => Ok(documents(&files[index], &text, context, 1)),
        })
    });
    let finish = |(file, read): (&FileToRead, Result<Result<_, DecodedText>, LintFinding>)| {
        Ok(match read? {
            Ok(read) => read,
            Err(text) => documents(file, &text, context, usize::MAX),
        })
    };
    files.iter().zip(short).map(finish).collect()
}

/// A text, and where its bytes were no UTF-8.
struct DecodedText {
    text: FileText,
    replaced: Vec<usize>,
}

fn decoded(
    file: &FileToRead,
    read: &(dyn Fn(&Path) -> anyhow::Result<Vec<u8>> + Sync),
) -> Result<DecodedText, LintFinding> {
    let wrong =
        |rule, message: String| LintFinding::new(rule, Problem::new(Place::whole(&file.name), message));
    let bytes = (read)(&file.path).map_err(|error| {
        // The name stands before every message anyway.
        let told = format!("{error:#}");
        wrong(&UNREADABLE, told.strip_prefix(&format!("{} ", file.name)).unwrap_or(&told).to_string())
    })?;
    let most = YamlLimits::for_catalogs().file_bytes;
    if bytes.len() > most {
        return Err(wrong(&TOO_LARGE, format!("the file has more than {most} bytes: none of it is read")));
    }
    let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if is_wide || bytes.get(1) == Some(&0) && bytes.len() % 2 == 0 {
        let is_wider = bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.get(1..4) == Some(&[0, 0, 0]);
        let encoding = if is_wider { "utf-32" } else { "utf-16" };
        let mut finding = wrong(&ENCODING, format!("the file is {}", encoding.to_uppercase()));
        let file = crate::text::shell_path(&file.name);
        finding.problem.hint = Some(format!("iconv -f {encoding} -t utf-8 {file}"));
        return Err(finding);
    }
    let (text, replaced) = text_of(bytes);
    Ok(DecodedText { text: FileText { file: file.name.clone(), text: text.into() }, replaced })
}

/// A text in which U+FFFD stands for what is no UTF-8, and where it does.
fn text_of(bytes: Vec<u8>) -> (String, Vec<usize>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, Vec::new()),
        Err(error) => error,
    };
    let (mut text, mut replaced) = (String::new(), Vec::new());
    for chunk in error.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            replaced.push(text.len());
            text.push('\u{fffd}');
        }
    }
    (text, replaced)
}

fn documents(
    file: &FileToRead,
    decoded: &DecodedText,
    context: &ReadingContext<'_>,
    threads: usize,
) -> Vec<DocumentReading> {
    let text = &decoded.text;
    let reading = FileReading { text, path: &file.path, is_named: file.is_named };
    let all = pieces(&text.text);
    let read = |piece: &DocumentText<'_>| {
        // Pieces are parts of the text, one behind the other.
        let start = piece.text.as_ptr() as usize - text.text.as_ptr() as usize;
        let mut read = read_piece(&reading, piece, start, context);
        let end = start + piece.text.len();
        if let Some(at) = decoded.replaced.iter().find(|at| (start..end).contains(at))
            && let Some(first) = read.first_mut().filter(|first| first.stranger.is_none())
        {
            first.problems.push(not_utf8(text, piece, *at - start));
        }
        read
    };
    match threads {
        1 => all.iter().flat_map(read).collect(),
        _ => in_parallel(all.len(), 64, |index| read(&all[index])).into_iter().flatten().collect(),
    }
}

fn not_utf8(text: &FileText, piece: &DocumentText<'_>, at: usize) -> LintFinding {
    let before = piece.text.get(..at).unwrap_or_default();
    let line = piece.line + before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let problem = Problem::new(
        Place::new(&text.file, line, column),
        "the bytes here are no UTF-8, and are read as U+FFFD",
    );
    LintFinding::new(&ENCODING, problem.hint("save the file as UTF-8"))
}

/// Does some work by its numbers on all cores, `block` of them at a time; the results are in order.
fn in_parallel<T: Send>(number: usize, block: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get).min(8);
    let threads = cores.min(number.div_ceil(block));
    if threads <= 1 {
        return (0..number).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<T>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let start = next.fetch_add(block, Ordering::Relaxed);
                    if start >= number {
                        return;
                    }
                    let made = (start..number.min(start + block)).map(&work).collect();
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((start, made));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(start, _)| *start);
    done.into_iter().flat_map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::{in_parallel, text_of};

    #[test]
    fn the_order_is_that_of_the_work() {
        assert_eq!(
            in_parallel(1000, 7, |index| index * 2),
            (0..1000).map(|index| index * 2).collect::<Vec<_>>()
        );
        assert_eq!(in_parallel(0, 7, |index| index), Vec::<usize>::new());
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_replaced_one_by_one() {
        assert_eq!(text_of(b"a\xffb\xc3\xa9".to_vec()), ("a\u{fffd}b\u{e9}".to_string(), vec![1]));
        assert_eq!(text_of(b"ab".to_vec()), ("ab".to_string(), Vec::new()));
    }
}
