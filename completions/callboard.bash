_callboard_complete() {
    local IFS=$'\n'
    COMPREPLY=( $( CALLBOARD_COMPLETE=bash CALLBOARD_COMPLETE_LINE="$COMP_LINE" CALLBOARD_COMPLETE_POINT="$COMP_POINT" CALLBOARD_COMPLETE_BREAKS="$COMP_WORDBREAKS" callboard -- 2>/dev/null ) )
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:,] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _callboard_complete callboard 2>/dev/null || complete -F _callboard_complete callboard
