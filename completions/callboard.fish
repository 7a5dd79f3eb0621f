complete --keep-order --exclusive --command callboard --arguments "(CALLBOARD_COMPLETE=fish callboard -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
