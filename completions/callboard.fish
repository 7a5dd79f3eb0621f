# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_callboard_global_optspecs
    string join \n catalog= kubeconfig= context= cluster-selector= concurrency= connect-timeout= cluster-timeout= config= demo= color= q/quiet v/verbose exit-zero h/help V/version
end

function __fish_callboard_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_callboard_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_callboard_using_subcommand
    set -l cmd (__fish_callboard_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c callboard -n "__fish_callboard_needs_command" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_needs_command" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_needs_command" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_needs_command" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_needs_command" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_needs_command" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_needs_command" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_needs_command" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_needs_command" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_needs_command" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_needs_command" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_needs_command" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_needs_command" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_needs_command" -s h -l help -d 'Print help'
complete -c callboard -n "__fish_callboard_needs_command" -s V -l version -d 'Print version'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "status" -d 'Health of services in every cluster, worst first'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "diagnose" -d 'Why services are broken: ranked causes with evidence, what differs, and what to type next'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "why" -d 'Why services are broken: ranked causes with evidence, what differs, and what to type next'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "logs" -d 'Lines of all pods of a service in all clusters, merged by time'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "events" -d 'The events of a service\'s objects from every cluster in one timeline, newest at the bottom'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "top" -d 'CPU and memory of a service\'s pods in every cluster, against their requests and limits'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "compare" -d 'What differs between the clusters that a service runs in'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "services" -d 'Which services there are, whose, and where they should run'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "clusters" -d 'Which clusters there are, whether they answer, and who I am there'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "init" -d 'Write a first configuration: which contexts are the fleet, what they are called, who you are'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "new" -d 'Start a project from a golden path'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "template" -d 'Golden paths: list them, look at one, check and test it, see who uses it, make it your own'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "demo" -d 'Keep the demo fleet up and print the KUBECONFIG to export; the real kubectl works against it'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c callboard -n "__fish_callboard_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c callboard -n "__fish_callboard_using_subcommand status" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l by -d 'Fold by owner, system, cluster, or a label of the clusters' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand status" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand status" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand status" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand status" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand status" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand status" -l unhealthy -d 'Leave out services that are Healthy or Suspended (changes no exit code)'
complete -c callboard -n "__fish_callboard_using_subcommand status" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand status" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand status" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l max-pods -d 'Pods of one workload that look alike, whose events and nodes are read' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l max-logs -d 'Of those, pods whose previous logs are read' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l log-lines -d 'The last lines of each log' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l causes -d 'A file of your team\'s own causes (repeatable), beside those the config names' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand diagnose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand why" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l max-pods -d 'Pods of one workload that look alike, whose events and nodes are read' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l max-logs -d 'Of those, pods whose previous logs are read' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l log-lines -d 'The last lines of each log' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l causes -d 'A file of your team\'s own causes (repeatable), beside those the config names' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand why" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand why" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand why" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand why" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand why" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand why" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand why" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand why" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand why" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l since -d 'Only lines newer than this, such as 90s, 10m, 1h30m or 2d' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l since-time -d 'Only lines from this instant on, such as 2026-01-15T10:00:00Z' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l tail -d 'The last N lines of each container, counted before --grep; -1 is all of them' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l grep -d 'Only lines that match (repeatable: any of them)' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l exclude -d 'Leave out lines that match (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s c -l container -d 'Only containers with such a name; !GLOB leaves some out (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l max-streams -d 'Refuse to read more containers than this' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s o -l output -d 'text, json (an object a line: time, cluster, namespace, pod, container, line) or raw (the lines alone)' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s f -l follow -d 'Go on with what is written from now on, until Ctrl-C'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s p -l previous -d 'The container\'s last run, else the current one (said on stderr); beside it, containers that never failed are left out'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l unhealthy -d 'Only pods that are not healthy'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l timestamps -d 'The time of each line before it'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand events" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l since -d 'Only what was seen in the last while, as in 10m, 2h or 1d' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand events" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand events" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand events" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand events" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand events" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand events" -l warnings -d 'Only Warning events'
complete -c callboard -n "__fish_callboard_using_subcommand events" -s w -l watch -d 'Go on: print new events as they happen, until Ctrl-C'
complete -c callboard -n "__fish_callboard_using_subcommand events" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand events" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand events" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand top" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand top" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand top" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand top" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand top" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand top" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand top" -l containers -d 'A row for each container'
complete -c callboard -n "__fish_callboard_using_subcommand top" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand top" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand top" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l baseline -d 'The cluster to hold the others against; default: the healthiest' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l only -d 'Only this (repeatable, comma lists)' -r -f -a "images\t'Images by tag and by the digest that runs'
env\t'Environment variables; secret-looking values are masked'
resources\t'Requests and limits'
template\t'The rest of the workload: command, probes, volumes, accounts, security, strategy, schedule'
config\t'What is in the ConfigMaps that the pods refer to'
revision\t'Which revision, since when, from which chart or source'
scale\t'Autoscalers, disruption budgets; how many replicas are wanted and available'
storage\t'The classes and sizes of volume claims'
versions\t'The servers\' versions, and the nodes\' where the pods run'"
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand compare" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand services" -l owner -d 'Owned by this group, the groups below it, or this user' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l system -d 'Part of this system' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l domain -d 'Part of a system of this domain' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l type -d 'spec.type, such as service or website' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l lifecycle -d 'spec.lifecycle, such as production' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l tag -d 'metadata.tags' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -s l -l selector -d 'One item for whatever carries these labels, with or without a catalog' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -s n -l namespace -d 'With -l: only this namespace' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand services" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand services" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand services" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand services" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand services" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand services" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand services" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand services" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand services" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand clusters" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand init" -l me -d 'Who you are: an e-mail or an entity ref; default: git\'s user.email' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l alias -d 'A short name for a context (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l group -d 'A group of clusters, as in prod=\'prod-*\' (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l label -d 'A label for all clusters that a glob means, as in region=eu:\'prod-eu-*\' (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand init" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand init" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand init" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand init" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand init" -s y -l yes -d 'Ask nothing: what flags do not say is as it would be proposed'
complete -c callboard -n "__fish_callboard_using_subcommand init" -l dry-run -d 'Print the file instead of writing it'
complete -c callboard -n "__fish_callboard_using_subcommand init" -l keep-names -d 'No short names but those of --alias'
complete -c callboard -n "__fish_callboard_using_subcommand init" -l no-guess -d 'No labels and groups but those of --label and --group'
complete -c callboard -n "__fish_callboard_using_subcommand init" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand init" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand init" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l set -d 'Answer a parameter, as in owner=team-orders or database.size=10 (repeatable); also $CALLBOARD_ANSWER_<NAME>' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l answers -d 'A YAML file of answers; - is stdin' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand new" -l skip -d 'Leave out a step (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l stub -d 'Go on as if a step had run and had this output (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l allow-fetch -d 'Let the template fetch from this host (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l into -d 'A clone of the repository that a pull request of the template goes to: the files become a branch there' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand new" -s o -l output -d 'How what was done is told: table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand new" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand new" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand new" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand new" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand new" -l dry-run -d 'Show the files and their content, and write nothing'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l skip-unsupported -d 'Leave out every step that only a Backstage server can do'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l lenient -d 'Let names that nothing defines be empty, as Backstage does'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l no-register -d 'Do not add the project to the catalog'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand new" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand new" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand new" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "list" -d 'Which golden paths there are, and which guild owns them'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "show" -d 'One golden path: what it asks and what its steps do'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "lint" -d 'Everything that is wrong with golden paths, with file, line and column'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "test" -d 'Render golden paths with every choice of their forms, and compare with their golden trees'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "usage" -d 'Who started from a golden path, and how many versions they are behind'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "eject" -d 'Copy a golden path out, for a guild to make its own'
complete -c callboard -n "__fish_callboard_using_subcommand template; and not __fish_seen_subcommand_from list show lint test usage eject help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l owner -l guild -d 'Only those of this owner (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l against -d 'The version before, as directory or git+URL//sub@ref: what a minor version may not change is an error' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -s o -l output -d 'How the findings are written: as everywhere, or sarif' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l answers -d 'A YAML file of answers that the cases build on' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l update-golden -d 'Write tests/golden anew from what the templates give now'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -s o -l output -d 'table, wide, json, yaml, name, markdown or html' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l no-headers -d 'Leave out the table\'s header'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l owner -d 'The guild that owns the copy' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l from -d 'Golden paths of this directory or git+URL//sub@ref, and no others (repeatable)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l offline -d 'Ask no server: of golden paths that lie elsewhere, what was fetched before'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from eject" -s h -l help -d 'Print help'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "list" -d 'Which golden paths there are, and which guild owns them'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "show" -d 'One golden path: what it asks and what its steps do'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "lint" -d 'Everything that is wrong with golden paths, with file, line and column'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "test" -d 'Render golden paths with every choice of their forms, and compare with their golden trees'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "usage" -d 'Who started from a golden path, and how many versions they are behind'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "eject" -d 'Copy a golden path out, for a guild to make its own'
complete -c callboard -n "__fish_callboard_using_subcommand template; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l write -d 'Where the kubeconfig is written, which must not exist yet; default: a file in the system\'s directory for temporary files' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand demo" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand demo" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand demo" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l catalog -d 'Catalog file, directory or glob (repeatable); default: $CALLBOARD_CATALOG, the config file, ./catalog.yaml, ./catalog-info.yaml, the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l kubeconfig -d 'Only this kubeconfig file, instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l context -d 'Only these contexts: names, globs, !GLOB to leave some out, @GROUP of the config (repeatable, comma lists)' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l cluster-selector -d 'Only clusters whose labels match, as in region=eu,env!=test' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l concurrency -d 'How many clusters are asked at the same time' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l connect-timeout -d 'From DNS to the end of the TLS handshake' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l cluster-timeout -l request-timeout -d 'From there to a cluster\'s last byte; what had arrived by then is kept' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l config -d 'Configuration file, instead of $CALLBOARD_CONFIG or config.yaml in the config directory' -r -F
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l demo -d 'Run against the embedded demo fleet, or one loaded from DIR' -r
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c callboard -n "__fish_callboard_using_subcommand completions" -s q -l quiet -d 'Nothing on stderr but errors'
complete -c callboard -n "__fish_callboard_using_subcommand completions" -s v -l verbose -d 'Say more on stderr'
complete -c callboard -n "__fish_callboard_using_subcommand completions" -l exit-zero -d 'Exit 0 even where something was found or a cluster was silent'
complete -c callboard -n "__fish_callboard_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "status" -d 'Health of services in every cluster, worst first'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "diagnose" -d 'Why services are broken: ranked causes with evidence, what differs, and what to type next'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "logs" -d 'Lines of all pods of a service in all clusters, merged by time'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "events" -d 'The events of a service\'s objects from every cluster in one timeline, newest at the bottom'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "top" -d 'CPU and memory of a service\'s pods in every cluster, against their requests and limits'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "compare" -d 'What differs between the clusters that a service runs in'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "services" -d 'Which services there are, whose, and where they should run'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "clusters" -d 'Which clusters there are, whether they answer, and who I am there'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "init" -d 'Write a first configuration: which contexts are the fleet, what they are called, who you are'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "new" -d 'Start a project from a golden path'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "template" -d 'Golden paths: list them, look at one, check and test it, see who uses it, make it your own'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "demo" -d 'Keep the demo fleet up and print the KUBECONFIG to export; the real kubectl works against it'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c callboard -n "__fish_callboard_using_subcommand help; and not __fish_seen_subcommand_from status diagnose logs events top compare services clusters init new template demo completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "list" -d 'Which golden paths there are, and which guild owns them'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "show" -d 'One golden path: what it asks and what its steps do'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "lint" -d 'Everything that is wrong with golden paths, with file, line and column'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "test" -d 'Render golden paths with every choice of their forms, and compare with their golden trees'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "usage" -d 'Who started from a golden path, and how many versions they are behind'
complete -c callboard -n "__fish_callboard_using_subcommand help; and __fish_seen_subcommand_from template" -f -a "eject" -d 'Copy a golden path out, for a guild to make its own'
