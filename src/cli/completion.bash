# Bash completion for the syncdex tool: flags, the values of flags with a fixed set, and files.

_syncdex() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=""
  COMPREPLY=()
  case $before in
    --format) words="json ndjson pretty table" ;;
    --input) words="auto json ndjson" ;;
    --step) words="day month" ;;
    --queries) compopt -o default; return ;;
    --provider | --name | --status | --health-status | --metadata | --where | --filter | --order | --limit | --after | --why | --columns | --values | --summary | --histogram | --records-key | --limit-*) return ;;
    *)
      if [[ $word == -* ]]; then
        words="--provider --name --status --health-status --metadata --where --filter --order --limit --after --count --ids --explain
          --verify --stats --facets --values --summary --histogram --step --why --sql --format --columns --time --queries --input --skip-bad --records-key
          --limit-input-bytes --limit-record-bytes --limit-records --limit-string-bytes --limit-depth
          --limit-number-digits --limit-exponent --limit-request-bytes --limit-parameters --limit-pattern-bytes
          --limit-pattern-leaves --limit-filter-bytes --limit-filter-nodes
          --limit-filter-depth --limit-filter-values --limit-work --limit-ordered-views --version --man --help"
      else
        compopt -o default
        return
      fi
      ;;
  esac
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$word")
}

complete -F _syncdex syncdex
