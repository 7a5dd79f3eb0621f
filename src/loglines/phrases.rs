//! What kind of line a line is: a frame of a stack, a farewell, a complaint, a sign that all is well again.

use crate::pattern::regex;

/// A line of a stack, and what runtimes print around one.
pub fn is_frame(line: &str) -> bool {
    regex!(r#"^\s+at |^\s+File "|^\s*[\^~]+\s*$|^\s*\.\.\.|^\s*\.\.\. \d+ (more|common frames)|^goroutine \d+ \[|^\t+(from |/|\S+\.go:\d+)|^\s*\d+: +(0x|[\w<]+::)|^\s+at \S+:\d+|^#\d+ |^node:internal|^\s+throw |^Node\.js v\d|^created by |^\[signal SIG|^(main|runtime|net/http|reflect)\.[\w.*()]+\(|^exit status \d+$|^--- End of|^\s+--- End of|^stack backtrace:|^stack trace:|^\s*thrown in |^\s*(from )?\S+:\d+:in [`'][^']*'$|^/\S+\.(js|ts|mjs|cjs):\d+$|^\s*\((elixir|stdlib|kernel|[a-z_]+) [\d.]+\) |^\s*Suppressed: |^\s*\* .*frames? omitted|^CallStack \(from |^\s+\w+, called at \S+:\d+:\d+|^(Raised|Re-raised|Called from|Raised by primitive operation) (at|file) |^Stacktrace:$|^\s+\[\d+\] \S+\(|^\s+in function \S+|^\s+in call from "#)
    .is_match(line)
}

/// `ValueError: text`, `java.net.ConnectException: text`, `PG::ConnectionBad: text`.
pub fn is_exception(text: &str) -> bool {
    regex!(r#"^(exception in thread "[^"]*" |uncaught )?([\w$]+(\.|::|\\))*[\w$]*(Error|Exception|Throwable|ConnectionBad|Invalid\w*|NotFound|NoDatabaseError|Timeout|Refused)\b( \[[\w]+\])?(: |$)"#)
        .is_match(text)
}

/// What a program says when it goes, and what others say about where to read more: true of every end.
pub fn is_farewell(text: &str) -> bool {
    is_departure(text) || of_its_own(text, says_where_to_look)
}

/// What a program says when it goes: what comes after it comes of its going.
pub fn is_departure(text: &str) -> bool {
    of_its_own(text, says_goodbye) || of_its_own(text, tears_down)
}

/// Of the whole, or of what stands behind a name: `Application: shutting down`.
fn of_its_own(text: &str, is: fn(&str) -> bool) -> bool {
    let is = |text: &str| is(text.trim().trim_start_matches(['*', '-', '=', '#', ' ']));
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    is(text)
        || text.split_once(": ").is_some_and(|(name, rest)| is_name(name) && !is_exception(text) && is(rest))
}

fn says_goodbye(text: &str) -> bool {
    // A long sentence says more than goodbye.
    let is_short = text.len() < 90;
    is_short && regex!(r#"^(now |so |therefore |server |application |app |process |program |service |container |worker |main |mysqld|postgres\S* |the )?(is |are |has |was )?(been )?(exit(ing|s|ed)?|abort(ing|ed)?|terminat(ing|ed)|shut(ting)? ?down|stopp(ing|ed)|quit(ting)?|bye|goodbye|good bye|closing|clos(ing|ed) down|dying|halting|bailing out|giving up|gave up|cleaning up|leaving)\b[^:]*$"#)
    .is_match(text)
        || regex!(r#"^(\[?(fatal|error)\]?:? )?(exit(ed|ing)?|end(ed|ing)?|terminat(ed|ing)|fail(ed|ing)?|finish(ed|ing)?|quit(ting)?|shutting down|stopping|aborting)( (with|due to|because of|on|after|now|process|server|immediately|gracefully))*( an?| the| previous| above| fatal| unrecoverable| these| this)*( errors?| exit| return| status| non-zero| code| signal| reason)*[:= ]*-?\d*[.!]*$"#)
        .is_match(text)
        || regex!(r#"^(aborting|abort(ed)?) (after|due to|because of) \S+ failure$|child process exited|exit status \d+$|command terminated with exit code|exited with (code|status|exit)|returned (a )?non-?zero (exit )?(code|status)|\b(died|dead|exited|ended|terminated|failed|stopped|quit|crashed|finished)\b.{0,60}\b(code|status)[ :=]*-?\d+\W*$|^graceful(ly)? |graceful(ly)? (shutdown|stop|exit)|received (signal|sig\w+|term|int|kill)|\bsig(term|int|kill|quit|hup)\b.*(received|caught)|(caught|got|received) .*sig(term|int|kill|quit)|^(bundler|supervisord?|tini|dumb-init|s6-\w+|runsv)?:? ?(all|child|sub)?-?process(es)? (exited|stopped|terminated|finished)|gave up: .* entered fatal|entered fatal state|^exited: |container exit"#)
        .is_match(text)
}

/// The parts of a program that go with it. A part that another side closed, or that went as nobody expected, is an
/// error of its own.
fn tears_down(text: &str) -> bool {
    let is_error = complains(text)
        || regex!(r"\b(unexpected\w*|abnormal\w*|prematurely|abruptly|lost)\b|\bby (the )?(server|peer|remote|broker|client|host|other|administrator)").is_match(text);
    !is_error && regex!(r#"connections? (closed|drained)|(pool|executor|scheduler|listener|consumer|producer|server|connector|container|context|cache|thread|engine|beans?|session|factory|manager|service|subsystem|plugin|handler|queue|channel)s?\b.*\b(stopped|stopping|closed|closing|shut ?down|shutting down|destroyed|destroying|released|disposed|initiated)|^(stopped|stopping|closed|closing|destroying|shutting down|disposing|releasing|unregistering|draining)\b"#)
    .is_match(text)
}

/// Advice, and where a report of the end is to be found.
fn says_where_to_look(text: &str) -> bool {
    regex!(r#"^(please )?(see|check|run|try|use|read|refer to|consult|visit|view|look at|inspect|for (more|further|additional|help|details|usage|example)|a (full|complete) (log|stack)|more (details|information)|use .* for (help|more)|usage:|did you mean|if you (would like|think|believe)|you (can|may)|this (is|may be) (a bug|related)|to (see|show|display|re-?run|fix|debug|report|learn)|re-?run |documentation|report (a|this|the) |note: run with|note: |hint: |help: |info visit )"#)
        .is_match(text)
        || regex!(r#"error report file|^(https?://\S+|/\S+\.(log|txt|dump|hprof))$|^(core|crash|heap|thread) ?dump(ed)?\b|a complete log of this run|^npm (err!|error) (code|errno|path|syscall|a complete|lifecycle|command|\s+/|$)|^npm (err!|error) (\w+ )?(this is|did you mean|to see|if you)\b|^npm (err!|error)( \w+)?\s*$|^error command failed with exit code|elifecycle|^make(\[\d+\])?: \*\*\*|rust_backtrace|^node\.js v\d|stack trace|^\(?(rerun|re-run) with|(took|uptime|elapsed|duration|total time)[: ]+[\d.]+|^build failed$|^\d+ (errors?|problems?)( found)?\.?$|traceback \(most recent call last\)|^end of (log|output|stack)|\b(log|dump|report)\b.{0,20}\b(written|saved|found|created|generated) (to|in|at|as)\b"#)
        .is_match(text)
}

/// What says that something failed and not what: the line beside it does.
pub fn is_generic(text: &str) -> bool {
    let text = text.trim().trim_matches(['*', '-', '=', '#', ' ', '!', '.', ':']);
    regex!(r#"^((fatal|an?|the|unexpected|unhandled|uncaught|unknown|general|critical|internal|application|app|server|service|program|process|worker|main|startup|start-?up|boot|bootstrap|initiali[sz]ation|init|launch|run|command|task|job|script|container|spring|context|failed|failure|error|errors|exception|exceptions|panic|occurred|occured|happened|encountered|detected|raised|thrown|while|during|in|on|at|to|of|with|when|start|starting|started|running|initiali[sz]ing|loading|launching|booting|execute|executing|execution|could|not|cannot|can't|be|was|is|has|have|been|unable|setup|set|up|see|details|above|below|following|and|will|now|exit|exiting|run|it|from|stage|phase|completed?|module|crashed|crash|aborted|terminated|unsuccessful(ly)?|for|bad|went|something|wrong|assertion|callstack|oops|sorry|early|unexpectedly|abnormally|because|due|previous|this|that|returned|got|code|status|[\d-]+)\b[\s,:;.!()-]*)+$"#)
    .is_match(text)
        || text.is_empty()
        || regex!(r"^[\w$]+(\.[\w$]+){2,}\s*:?$|^(\[\w+\] )?<[\d.]+>$|^[{}()\[\],=*-]+$").is_match(text)
        || regex!(r"^error starting applicationcontext|^application run failed|^(reason: )?worker failed to boot|^app (\d+ )?failed to load|^unhandled exception in|^an unexpected error|^main process exited|^failed to load command|^failed to start (component|service|bean) ").is_match(text)
}

/// What comes of an error said before: that something could not start then, or how often things went wrong.
pub fn is_consequence(text: &str) -> bool {
    // `failed to load config: open /etc/x: no such file` says what it came of.
    let explained = text.split_once(": ").is_some_and(|(_, rest)| {
        complains(rest) && !is_generic(rest) && rest.contains(' ') && !follows_from(rest)
    });
    !explained && follows_from(text)
}

fn follows_from(text: &str) -> bool {
    regex!(r"\b(initiali[sz]\w*|init|start(ing|ed|up)?|boot\w*|plugin|engine|setup|launch\w*) .*(fail(ed|ure)?|abort(ed)?|error|unsuccessful)\b|\b(fail(ed|ure)?|could not|cannot|unable|not able) (to )?(start|initiali[sz]e|init|boot|launch|run|load|set ?up)\b|errors? found|error\(s\) (found|in)|compilation (aborted|failed)|could not create the java virtual machine|a fatal exception has occurred|^begin failed|did not (exit|start|terminate) (normally|properly|cleanly)|^(exiting|terminating|aborting|stopping|shutting down) \S+ (due to|because|after|on)\b|\bcontains? errors?\W*$|\bafter (all |\d+ |several |too many |multiple )(failed )?(attempts|retries|tries)\b|^the database system is |^(\w+:? ){0,2}(migration|deploy\w*|step|task|job|stage|build|install\w*|upgrade|provisioning|rollout|hook|command|script|import|export|backup|restore)\b( \S+){0,3} (failed|aborted|was aborted|did not succeed)\W*$|prepare to shutdown|see (above|log)|config(uration)? (is )?(invalid|check failed|test failed|file .* test failed)|retries (exhausted|exceeded)|giving up|worker .* (exited|failed)|, aborting\.?$|no (more )?retries")
        .is_match(text)
}

/// Whether the words of an unmarked line complain.
pub fn complains(text: &str) -> bool {
    regex!(r"\b(errors?|fail(s|ed|ure|ing)?|fatal|can ?not|can't|could( not|n't)|unable to|unsuccessful|not (found|set|defined|exist|allowed|permitted|supported|available|readable|writable|valid|recogni[sz]ed|authorized|a |an )|no (such|route|space|permission|valid|configuration|config|module|default|available|usable)|denied|refused|rejected|invalid|missing|required|unknown|unsupported|undefined|unexpected|unrecogni[sz]ed|illegal|malformed|forbidden|unauthori[sz]ed|timed? ?out|timeout|must|exceed(s|ed)?|exception|traceback|panic(ked)?|crash(ed)?|corrupt(ed|ion)?|mismatch|conflict(s|ing)?|already (in use|exists|running|locked|bound)|expired|does(n't| not)|did(n't| not)|won't|would not|incompatible|insufficient|out of (memory|range|disk|space)|too (many|old|new|large|small)|bad|broken|unreachable|unresolved|unhandled|uncaught|permission|outdated|requires?|need(s|ed)?|lock(ed)?|dirty|duplicate|never|rather than|nothing|deadlock)\b")
    .is_match(text)
}

/// An attempt that is made again: no end of anything.
pub fn is_retried(text: &str) -> bool {
    // The last of its attempts is not made again.
    let counted = regex!(r"\b(attempt|try|retry) #?(?<this>\d+) ?(of|/) ?(?<all>\d+)").captures(text);
    if let Some(counted) = counted {
        return counted["this"] != counted["all"];
    }
    regex!(r"\b(will retry|retrying|retry in|retries left|trying again|try again in|backing off|reconnecting|reconnect in|will be retried|next (retry|attempt)|sleeping (for )?\d|waiting for .* to (be|become) (ready|available|up))").is_match(text)
}

/// Words that say that a trouble was overcome.
pub fn is_recovery(text: &str) -> bool {
    regex!(r"\b((re-?)?connected|connection (re-?)?(established|successful|restored|opened)|succeeded|success(ful(ly)?)?|recovered|restored|established|ready|listening|serving|accepting|up and running|completed|started|resumed|healthy|synced|joined|elected|acquired)\b").is_match(text)
        && !is_farewell(text)
        && !regex!(r"\b(not|never|shut ?down|stop\w*|clos\w*|exit\w*|terminat\w*|detach\w*|destroy\w*|un\w+|failed|fail|cannot|could|before|until|waiting|without|error|has been (started|waiting)|be ready|become)\b").is_match(text)
}

/// A trouble of which the line itself says how the program goes on: `..., going on without cache`.
pub fn is_survived(text: &str) -> bool {
    regex!(r"([,;.(-] ?(so |and |will |now |we )*(\w+ ){0,3}(skipp(ed|ing)|ignor(ed|ing)|disabl(ed|ing)|dropp(ed|ing)|continu(e|es|ing)|going on|carrying on|fall(s|ing)? back|proceed(s|ing)?|moving on|us(e|es|ing) (the |its |a )?(default|packaged|built|embedded|bundled|cached|local|fall-?back|last|previous|empty|in-memory)\w*)|^(ignoring|skipping|disabling))\b[^:]*$").is_match(text)
        && !regex!(r"\b(not|cannot|can't|unable to|refus\w+ to|won't) (be )?(continu|proceed|go on|ignor|fall|disabl|skip|drop)").is_match(text)
}

/// What came of a program's own clients and of libraries that talk to themselves, not of its end.
pub fn is_chatter(text: &str) -> bool {
    regex!(r#""(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+( HTTP/[\d.]+)?" \d{3}\b|TLS handshake error from |^(failed to (list|watch)|watch of|unhandled error)\b.*(reflector|\bwatch ended|very short watch)|reflector\.go|unhandled error.*reflector|throttling request took|client-side throttling|http: (TLS|Accept|superfluous)"#)
    .is_match(text)
}

/// What a server says of one that it serves.
pub fn is_of_a_client(text: &str) -> bool {
    regex!(
        r#", client: \S+, server: |\b(error on|closing) AMQP connection\b|\baborted connection \d+ to db\b"#
    )
    .is_match(text)
}

/// Advice for a time to come. What is already removed is no advice.
pub fn is_notice_of_deprecation(text: &str) -> bool {
    regex!(r"deprecat(ed|ion)|experimental ?warning|^(\(node:\d+\) |\(use `node)|\bwarn(ing)?: .*experimental").is_match(text)
        && !regex!(r"\b(was|has been|have been|were|is|are|been) removed\b|\bno longer (supported|valid|available|accepted|recogni[sz]ed)\b|\bnot supported any ?more\b").is_match(text)
}
