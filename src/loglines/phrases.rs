//! What kind of line a line is: a frame of a stack, a farewell, a complaint, a sign that all is well again.

use crate::pattern::regex;

/// A line of a stack, and what runtimes print around one.
pub fn is_frame(line: &str) -> bool {
    regex(
        r#"^\s+at |^\s+File "|^\s*[\^~]+\s*$|^\s*\.\.\.|^\s*\.\.\. \d+ (more|common frames)|^goroutine \d+ \[|^\t+(from |/|\S+\.go:\d+)|^\s*\d+: +(0x|[\w<]+::)|^\s+at \S+:\d+|^#\d+ |^node:internal|^\s+throw |^Node\.js v\d|^created by |^\[signal SIG|^(main|runtime|net/http|reflect)\.[\w.*()]+\(|^exit status \d+$|^--- End of|^\s+--- End of|^stack backtrace:|^stack trace:|^\s*thrown in |^\s*(from )?\S+:\d+:in [`'][^']*'$|^/\S+\.(js|ts|mjs|cjs):\d+$|^\s*\((elixir|stdlib|kernel|[a-z_]+) [\d.]+\) |^Suppressed: |^\s*\* .*frames? omitted"#,
    )
    .is_match(line)
}

/// `ValueError: text`, `java.net.ConnectException: text`, `PG::ConnectionBad: text`.
pub fn is_exception(text: &str) -> bool {
    regex(r#"^(exception in thread "[^"]*" |uncaught )?([\w$]+(\.|::|\\))*[\w$]*(Error|Exception|Throwable|ConnectionBad|Invalid\w*|NotFound|NoDatabaseError|Timeout|Refused)\b( \[[\w]+\])?(: |$)"#)
        .is_match(text)
}

/// What a program says when it goes, and what others say about where to read more: true of every end.
pub fn is_farewell(text: &str) -> bool {
    // `Application: shutting down`
    let behind = text
        .split_once(": ")
        .filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)));
    says_goodbye(text) || behind.is_some_and(|(_, rest)| says_goodbye(rest))
}

fn says_goodbye(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['*', '-', '=', '#', ' ']);
    // A long sentence says more than goodbye.
    let is_short = text.len() < 90;
    is_short && regex(
        r#"^(now |so |therefore |server |application |app |process |program |service |container |worker |main |mysqld|postgres\S* |the )?(is |are |has |was )?(been )?(exit(ing|s|ed)?|abort(ing|ed)?|terminat(ing|ed)|shut(ting)? ?down|stopp(ing|ed)|quit(ting)?|bye|goodbye|good bye|closing|clos(ing|ed) down|dying|halting|bailing out|giving up|gave up|cleaning up|leaving)\b[^:]*$"#,
    )
    .is_match(text)
        || regex(
            r#"^(\[?(fatal|error)\]?:? )?(exit(ed|ing)?|end(ed|ing)?|terminat(ed|ing)|fail(ed|ing)?|finish(ed|ing)?|quit(ting)?|shutting down|stopping|aborting)( (with|due to|because of|on|after|now|process|server|immediately|gracefully))*( an?| the| previous| above| fatal| unrecoverable| these| this)*( errors?| exit| return| status| non-zero| code| signal| reason)*[:= ]*-?\d*[.!]*$"#,
        )
        .is_match(text)
        || regex(
            r#"^(please )?(see|check|run|try|use|read|refer to|consult|visit|view|look at|inspect|for (more|further|additional|help|details|usage)|a (full|complete) (log|stack)|more (details|information)|use .* for (help|more)|usage:|did you mean|if you (would like|think|believe)|you (can|may)|this (is|may be) (a bug|related)|to (see|show|display|re-?run|fix|debug|report|learn)|re-?run |documentation|report (a|this|the) |note: run with|note: |hint: |help: |info visit )"#,
        )
        .is_match(text)
        || regex(
            r#"error report file|^(https?://\S+|/\S+\.(log|txt|dump|hprof))$|^core dump|a complete log of this run|^npm (err!|error) (code|errno|path|syscall|a complete|lifecycle|command|\s+/|$)|^error command failed with exit code|elifecycle|^make(\[\d+\])?: \*\*\*|child process exited|exit status \d+$|command terminated with exit code|exited with (code|status|exit)|returned (a )?non-?zero (exit )?(code|status)|rust_backtrace|^node\.js v\d|^graceful(ly)? |graceful(ly)? (shutdown|stop|exit)|received (signal|sig\w+|term|int|kill)|\bsig(term|int|kill|quit|hup)\b.*(received|caught)|(caught|got|received) .*sig(term|int|kill|quit)|^(bundler|supervisord?|tini|dumb-init|s6-\w+|runsv)?:? ?(all|child|sub)?-?process(es)? (exited|stopped|terminated|finished)|gave up: .* entered fatal|entered fatal state|^exited: |stack trace|^\(?(rerun|re-run) with|(took|uptime|elapsed|duration|total time)[: ]+[\d.]+|^build failed$|^\d+ (errors?|problems?)( found)?\.?$|connections? (closed|drained)|(pool|executor|scheduler|listener|consumer|producer|server|connector|container|context|cache|thread|engine|beans?|session|factory|manager|service|subsystem|plugin|handler|queue|channel)s?\b.*\b(stopped|stopping|closed|closing|shut ?down|shutting down|destroyed|destroying|released|disposed|initiated)|^(stopped|stopping|closed|closing|destroying|shutting down|disposing|releasing|unregistering|draining)\b|^core dumped|traceback \(most recent call last\)|^at least one|container exit|^end of (log|output|stack)"#,
        )
        .is_match(text)
}

/// What says that something failed and not what: the line beside it does.
pub fn is_generic(text: &str) -> bool {
    let text = text.trim().trim_matches(['*', '-', '=', '#', ' ', '!', '.', ':']);
    regex(
        r#"^((fatal|an?|the|unexpected|unhandled|uncaught|unknown|general|critical|internal|application|app|server|service|program|process|worker|main|startup|start-?up|boot|bootstrap|initiali[sz]ation|init|launch|run|command|task|job|script|container|spring|context|failed|failure|error|errors|exception|exceptions|panic|occurred|occured|happened|encountered|detected|raised|thrown|while|during|in|on|at|to|of|with|when|start|starting|started|running|initiali[sz]ing|loading|launching|booting|execute|executing|execution|could|not|cannot|can't|be|was|is|has|have|been|unable|setup|set|up|see|details|above|below|following|and|will|now|exit|exiting|run|it|from|stage|phase|completed?|module|crashed|crash|aborted|terminated|unsuccessful(ly)?|for|bad|went|something|wrong|oops|sorry|early|unexpectedly|abnormally|because|due|previous|this|that|returned|got|code|status|[\d-]+)\b[\s,:;.!()-]*)+$"#,
    )
    .is_match(text)
        || text.is_empty()
        || regex(r"^[\w$]+(\.[\w$]+){2,}\s*:?$|^(\[\w+\] )?<[\d.]+>$|^[{}()\[\],=*-]+$").is_match(text)
        || regex(r"^error starting applicationcontext|^application run failed|^(reason: )?worker failed to boot|^app (\d+ )?failed to load|^unhandled exception in|^an unexpected error|^main process exited|^failed to load command|^failed to start (component|service|bean) ").is_match(text)
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
    regex(r"\b(initiali[sz]\w*|init|start(ing|ed|up)?|boot\w*|plugin|engine|setup|launch\w*) .*(fail(ed|ure)?|abort(ed)?|error|unsuccessful)\b|\b(fail(ed|ure)?|could not|cannot|unable|not able) (to )?(start|initiali[sz]e|init|boot|launch|run|load|set ?up)\b|errors? found|error\(s\) (found|in)|compilation (aborted|failed)|could not create the java virtual machine|a fatal exception has occurred|^begin failed|did not (exit|start|terminate) (normally|properly|cleanly)|^(exiting|terminating|aborting|stopping|shutting down) \S+ (due to|because|after|on)\b|prepare to shutdown|see (above|log)|config(uration)? (is )?(invalid|check failed|test failed|file .* test failed)|retries (exhausted|exceeded)|giving up|worker .* (exited|failed)|, aborting\.?$|no (more )?retries")
        .is_match(text)
}

/// Whether the words of an unmarked line complain.
pub fn complains(text: &str) -> bool {
    regex(
        r"\b(errors?|fail(s|ed|ure|ing)?|fatal|can ?not|can't|could( not|n't)|unable to|unsuccessful|not (found|set|defined|exist|allowed|permitted|supported|available|readable|writable|valid|recogni[sz]ed|authorized|a |an )|no (such|route|space|permission|valid|configuration|config|module|default|available|usable)|denied|refused|rejected|invalid|missing|required|unknown|unsupported|undefined|unexpected|unrecogni[sz]ed|illegal|malformed|forbidden|unauthori[sz]ed|timed? ?out|timeout|must|exceed(s|ed)?|exception|traceback|panic(ked)?|crash(ed)?|corrupt(ed|ion)?|mismatch|conflict(s|ing)?|already (in use|exists|running|locked|bound)|expired|does(n't| not)|did(n't| not)|won't|would not|incompatible|insufficient|out of (memory|range|disk|space)|too (many|old|new|large|small)|bad|broken|unreachable|unresolved|unhandled|uncaught|permission|outdated|requires?|need(s|ed)?|lock(ed)?|dirty|duplicate|never|rather than|nothing|deadlock)\b",
    )
    .is_match(text)
}

/// An attempt that is made again: no end of anything.
pub fn is_retried(text: &str) -> bool {
    regex(r"\b(will retry|retrying|retry in|retries left|trying again|try again in|attempt \d+ ?(of|/) ?\d+|backing off|reconnecting|reconnect in|will be retried|next (retry|attempt)|sleeping (for )?\d|waiting for .* to (be|become) (ready|available|up))").is_match(text)
}

/// Words that say that a trouble was overcome.
pub fn is_recovery(text: &str) -> bool {
    regex(r"\b((re-?)?connected|connection (re-?)?(established|successful|restored|opened)|succeeded|success(ful(ly)?)?|recovered|restored|established|ready|listening|serving|accepting|up and running|completed|started|resumed|healthy|synced|joined|elected|acquired)\b").is_match(text)
        && !is_farewell(text)
        && !regex(r"\b(not|never|shut ?down|stop\w*|clos\w*|exit\w*|terminat\w*|detach\w*|destroy\w*|un\w+|failed|fail|cannot|could|before|until|waiting|without|error|has been (started|waiting)|be ready|become)\b").is_match(text)
}

/// What came of a program's own clients and of libraries that talk to themselves, not of its end.
pub fn is_chatter(text: &str) -> bool {
    regex(
        r#""(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+( HTTP/[\d.]+)?" \d{3}\b|TLS handshake error from |^(failed to (list|watch)|watch of|unhandled error)\b.*(reflector|\bwatch ended|very short watch)|reflector\.go|unhandled error.*reflector|throttling request took|client-side throttling|http: (TLS|Accept|superfluous)|deprecat(ed|ion)|experimental ?warning|^(\(node:\d+\) |\(use `node)|\bwarn(ing)?: .*(deprecat|experimental)"#,
    )
    .is_match(text)
}
