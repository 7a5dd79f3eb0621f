
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'callboard' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'callboard'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'callboard' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Health of services in every cluster, worst first')
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Why services are broken: ranked causes with evidence, what differs, and what to type next')
            [CompletionResult]::new('why', 'why', [CompletionResultType]::ParameterValue, 'Why services are broken: ranked causes with evidence, what differs, and what to type next')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Lines of all pods of a service in all clusters, merged by time')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'The events of a service''s objects from every cluster in one timeline, newest at the bottom')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'CPU and memory of a service''s pods in every cluster, against their requests and limits')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'What differs between the clusters that a service runs in')
            [CompletionResult]::new('services', 'services', [CompletionResultType]::ParameterValue, 'Which services there are, whose, and where they should run')
            [CompletionResult]::new('clusters', 'clusters', [CompletionResultType]::ParameterValue, 'Which clusters there are, whether they answer, and who I am there')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a first configuration: which contexts are the fleet, what they are called, who you are')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Start a project from a golden path')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Golden paths: list them, look at one, check and test it, see who uses it, make it your own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Keep the demo fleet up and print the KUBECONFIG to export; the real kubectl works against it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'callboard;status' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Fold by owner, system, cluster, or a label of the clusters')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('--unhealthy', '--unhealthy', [CompletionResultType]::ParameterName, 'Leave out services that are Healthy or Suspended (changes no exit code)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;diagnose' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--max-pods', '--max-pods', [CompletionResultType]::ParameterName, 'Pods of one workload that look alike, whose events and nodes are read')
            [CompletionResult]::new('--max-logs', '--max-logs', [CompletionResultType]::ParameterName, 'Of those, pods whose previous logs are read')
            [CompletionResult]::new('--log-lines', '--log-lines', [CompletionResultType]::ParameterName, 'The last lines of each log')
            [CompletionResult]::new('--causes', '--causes', [CompletionResultType]::ParameterName, 'A file of your team''s own causes (repeatable), beside those the config names')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;why' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--max-pods', '--max-pods', [CompletionResultType]::ParameterName, 'Pods of one workload that look alike, whose events and nodes are read')
            [CompletionResult]::new('--max-logs', '--max-logs', [CompletionResultType]::ParameterName, 'Of those, pods whose previous logs are read')
            [CompletionResult]::new('--log-lines', '--log-lines', [CompletionResultType]::ParameterName, 'The last lines of each log')
            [CompletionResult]::new('--causes', '--causes', [CompletionResultType]::ParameterName, 'A file of your team''s own causes (repeatable), beside those the config names')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;logs' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only lines newer than this, such as 90s, 10m, 1h30m or 2d')
            [CompletionResult]::new('--since-time', '--since-time', [CompletionResultType]::ParameterName, 'Only lines from this instant on, such as 2026-01-15T10:00:00Z')
            [CompletionResult]::new('--tail', '--tail', [CompletionResultType]::ParameterName, 'The last N lines of each container, counted before --grep; -1 is all of them')
            [CompletionResult]::new('--grep', '--grep', [CompletionResultType]::ParameterName, 'Only lines that match (repeatable: any of them)')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out lines that match (repeatable)')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Only containers with such a name; !GLOB leaves some out (repeatable)')
            [CompletionResult]::new('--container', '--container', [CompletionResultType]::ParameterName, 'Only containers with such a name; !GLOB leaves some out (repeatable)')
            [CompletionResult]::new('--max-streams', '--max-streams', [CompletionResultType]::ParameterName, 'Refuse to read more containers than this')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'text, json (an object a line: time, cluster, namespace, pod, container, line) or raw (the lines alone)')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'text, json (an object a line: time, cluster, namespace, pod, container, line) or raw (the lines alone)')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what is written from now on, until Ctrl-C')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what is written from now on, until Ctrl-C')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The container''s last run, else the current one (said on stderr); beside it, containers that never failed are left out')
            [CompletionResult]::new('--previous', '--previous', [CompletionResultType]::ParameterName, 'The container''s last run, else the current one (said on stderr); beside it, containers that never failed are left out')
            [CompletionResult]::new('--unhealthy', '--unhealthy', [CompletionResultType]::ParameterName, 'Only pods that are not healthy')
            [CompletionResult]::new('--timestamps', '--timestamps', [CompletionResultType]::ParameterName, 'The time of each line before it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;events' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only what was seen in the last while, as in 10m, 2h or 1d')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('--warnings', '--warnings', [CompletionResultType]::ParameterName, 'Only Warning events')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Go on: print new events as they happen, until Ctrl-C')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on: print new events as they happen, until Ctrl-C')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;top' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('--containers', '--containers', [CompletionResultType]::ParameterName, 'A row for each container')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;compare' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'The cluster to hold the others against; default: the healthiest')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only this (repeatable, comma lists)')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;services' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Owned by this group, the groups below it, or this user')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Part of this system')
            [CompletionResult]::new('--domain', '--domain', [CompletionResultType]::ParameterName, 'Part of a system of this domain')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'spec.type, such as service or website')
            [CompletionResult]::new('--lifecycle', '--lifecycle', [CompletionResultType]::ParameterName, 'spec.lifecycle, such as production')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'metadata.tags')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'One item for whatever carries these labels, with or without a catalog')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With -l: only this namespace')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;clusters' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;init' {
            [CompletionResult]::new('--me', '--me', [CompletionResultType]::ParameterName, 'Who you are: an e-mail or an entity ref; default: git''s user.email')
            [CompletionResult]::new('--alias', '--alias', [CompletionResultType]::ParameterName, 'A short name for a context (repeatable)')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'A group of clusters, as in prod=''prod-*'' (repeatable)')
            [CompletionResult]::new('--label', '--label', [CompletionResultType]::ParameterName, 'A label for all clusters that a glob means, as in region=eu:''prod-eu-*'' (repeatable)')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing: what flags do not say is as it would be proposed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing: what flags do not say is as it would be proposed')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the file instead of writing it')
            [CompletionResult]::new('--keep-names', '--keep-names', [CompletionResultType]::ParameterName, 'No short names but those of --alias')
            [CompletionResult]::new('--no-guess', '--no-guess', [CompletionResultType]::ParameterName, 'No labels and groups but those of --label and --group')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;new' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Answer a parameter, as in owner=team-orders or database.size=10 (repeatable); also $CALLBOARD_ANSWER_<NAME>')
            [CompletionResult]::new('--answers', '--answers', [CompletionResultType]::ParameterName, 'A YAML file of answers; - is stdin')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out a step (repeatable)')
            [CompletionResult]::new('--stub', '--stub', [CompletionResultType]::ParameterName, 'Go on as if a step had run and had this output (repeatable)')
            [CompletionResult]::new('--allow-fetch', '--allow-fetch', [CompletionResultType]::ParameterName, 'Let the template fetch from this host (repeatable)')
            [CompletionResult]::new('--into', '--into', [CompletionResultType]::ParameterName, 'A clone of the repository that a pull request of the template goes to: the files become a branch there')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How what was done is told: table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How what was done is told: table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show the files and their content, and write nothing')
            [CompletionResult]::new('--skip-unsupported', '--skip-unsupported', [CompletionResultType]::ParameterName, 'Leave out every step that only a Backstage server can do')
            [CompletionResult]::new('--lenient', '--lenient', [CompletionResultType]::ParameterName, 'Let names that nothing defines be empty, as Backstage does')
            [CompletionResult]::new('--no-register', '--no-register', [CompletionResultType]::ParameterName, 'Do not add the project to the catalog')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;template' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Which golden paths there are, and which guild owns them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'One golden path: what it asks and what its steps do')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Everything that is wrong with golden paths, with file, line and column')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Render golden paths with every choice of their forms, and compare with their golden trees')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Who started from a golden path, and how many versions they are behind')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copy a golden path out, for a guild to make its own')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'callboard;template;list' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'Only those of this owner (repeatable)')
            [CompletionResult]::new('--guild', '--guild', [CompletionResultType]::ParameterName, 'Only those of this owner (repeatable)')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'callboard;template;show' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'callboard;template;lint' {
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'The version before, as directory or git+URL//sub@ref: what a minor version may not change is an error')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the findings are written: as everywhere, or sarif')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the findings are written: as everywhere, or sarif')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;template;test' {
            [CompletionResult]::new('--answers', '--answers', [CompletionResultType]::ParameterName, 'A YAML file of answers that the cases build on')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--update-golden', '--update-golden', [CompletionResultType]::ParameterName, 'Write tests/golden anew from what the templates give now')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;template;usage' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide, json, yaml, name, markdown or html')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the table''s header')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;template;eject' {
            [CompletionResult]::new('--owner', '--owner', [CompletionResultType]::ParameterName, 'The guild that owns the copy')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no server: of golden paths that lie elsewhere, what was fetched before')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'callboard;template;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Which golden paths there are, and which guild owns them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'One golden path: what it asks and what its steps do')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Everything that is wrong with golden paths, with file, line and column')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Render golden paths with every choice of their forms, and compare with their golden trees')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Who started from a golden path, and how many versions they are behind')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copy a golden path out, for a guild to make its own')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'callboard;template;help;list' {
            break
        }
        'callboard;template;help;show' {
            break
        }
        'callboard;template;help;lint' {
            break
        }
        'callboard;template;help;test' {
            break
        }
        'callboard;template;help;usage' {
            break
        }
        'callboard;template;help;eject' {
            break
        }
        'callboard;template;help;help' {
            break
        }
        'callboard;demo' {
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Where the kubeconfig is written, which must not exist yet; default: a file in the system''s directory for temporary files')
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;completions' {
            [CompletionResult]::new('--catalog', '--catalog', [CompletionResultType]::ParameterName, 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)')
            [CompletionResult]::new('--cluster-selector', '--cluster-selector', [CompletionResultType]::ParameterName, 'Only clusters whose labels match, as in region=eu,env!=test')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'How many clusters are asked at the same time')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From DNS to the end of the TLS handshake')
            [CompletionResult]::new('--cluster-timeout', '--cluster-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'From there to a cluster''s last byte; what had arrived by then is kept')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory')
            [CompletionResult]::new('--demo', '--demo', [CompletionResultType]::ParameterName, 'Run against the embedded demo fleet, or one loaded from DIR')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on stderr but errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more on stderr')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'Exit 0 even where something was found or a cluster was silent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'callboard;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Health of services in every cluster, worst first')
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Why services are broken: ranked causes with evidence, what differs, and what to type next')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Lines of all pods of a service in all clusters, merged by time')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'The events of a service''s objects from every cluster in one timeline, newest at the bottom')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'CPU and memory of a service''s pods in every cluster, against their requests and limits')
            [CompletionResult]::new('compare', 'compare', [CompletionResultType]::ParameterValue, 'What differs between the clusters that a service runs in')
            [CompletionResult]::new('services', 'services', [CompletionResultType]::ParameterValue, 'Which services there are, whose, and where they should run')
            [CompletionResult]::new('clusters', 'clusters', [CompletionResultType]::ParameterValue, 'Which clusters there are, whether they answer, and who I am there')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a first configuration: which contexts are the fleet, what they are called, who you are')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Start a project from a golden path')
            [CompletionResult]::new('template', 'template', [CompletionResultType]::ParameterValue, 'Golden paths: list them, look at one, check and test it, see who uses it, make it your own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Keep the demo fleet up and print the KUBECONFIG to export; the real kubectl works against it')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'callboard;help;status' {
            break
        }
        'callboard;help;diagnose' {
            break
        }
        'callboard;help;logs' {
            break
        }
        'callboard;help;events' {
            break
        }
        'callboard;help;top' {
            break
        }
        'callboard;help;compare' {
            break
        }
        'callboard;help;services' {
            break
        }
        'callboard;help;clusters' {
            break
        }
        'callboard;help;init' {
            break
        }
        'callboard;help;new' {
            break
        }
        'callboard;help;template' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Which golden paths there are, and which guild owns them')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'One golden path: what it asks and what its steps do')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Everything that is wrong with golden paths, with file, line and column')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Render golden paths with every choice of their forms, and compare with their golden trees')
            [CompletionResult]::new('usage', 'usage', [CompletionResultType]::ParameterValue, 'Who started from a golden path, and how many versions they are behind')
            [CompletionResult]::new('eject', 'eject', [CompletionResultType]::ParameterValue, 'Copy a golden path out, for a guild to make its own')
            break
        }
        'callboard;help;template;list' {
            break
        }
        'callboard;help;template;show' {
            break
        }
        'callboard;help;template;lint' {
            break
        }
        'callboard;help;template;test' {
            break
        }
        'callboard;help;template;usage' {
            break
        }
        'callboard;help;template;eject' {
            break
        }
        'callboard;help;demo' {
            break
        }
        'callboard;help;completions' {
            break
        }
        'callboard;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
