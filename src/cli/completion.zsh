#compdef syncdex
# Zsh completion for the syncdex tool.

_arguments -s \
  '*--provider[provider equals V]:V: ' \
  '*--name[name equals V]:V: ' \
  '*--status[status equals V]:V: ' \
  '*--health-status[health.status equals V]:V: ' \
  '*--metadata[metadata contains the JSON object]:JSON: ' \
  '*--where[the record contains the JSON object]:JSON: ' \
  '*--filter[the record meets the filter, and, or, not, ranges, ...]:JSON: ' \
  '*--order[by the values at these paths, e.g. -created_at,name, newest first]:PATHS: ' \
  '*--limit[at most N records, 1 to 1000]:N: ' \
  '*--after[go on behind the page that gave CURSOR as "next"]:CURSOR: ' \
  '--count[the number of matches]' \
  '--ids[the ids, one a line]' \
  '--explain[how the query is answered]' \
  '--verify[compare the index with the scan]' \
  '--stats[sizes and times]' \
  '--facets[what can be filtered by, values and paths of the matches]' \
  '--values[the values at the path, with the number of records]:PATH: ' \
  '--summary[minimum, maximum and sum of the values at the path]:PATH: ' \
  '--histogram[the values at the path in buckets, with --step]:PATH: ' \
  '--step[the width of a bucket, a number, day or month]:step:(day month)' \
  '--why[why the record ID does not match]:ID: ' \
  '--sql[the query for PostgreSQL; FILE is not read]' \
  '--format[json as the endpoint answers, ndjson, a record a line, pretty, json for reading, or a table]:format:(json ndjson pretty table)' \
  '*--columns[the columns of a table, paths, separated by commas]:PATHS: ' \
  '--time[how long it took, on standard error]' \
  '--queries[each line of file Q (- is standard input) is a query string or a pattern, an empty one all records; a JSON line for each, with --count the number alone]:queries:_files' \
  '--input[how --skip-bad recovers, by line (ndjson), by record (json) or either (auto)]:framing:(auto json ndjson)' \
  '--skip-bad[load what is good; bad records are reported on standard error]' \
  '--records-key[the key of an envelope’s records]:KEY: ' \
  '--limit-input-bytes[of FILE]:N: ' \
  '--limit-record-bytes[of a record]:N: ' \
  '--limit-records[records]:N: ' \
  '--limit-string-bytes[of a string]:N: ' \
  '--limit-depth[how deep values are nested]:N: ' \
  '--limit-number-digits[of a number]:N: ' \
  '--limit-exponent[magnitude of a number’s exponent]:N: ' \
  '--limit-request-bytes[of a query string]:N: ' \
  '--limit-parameters[of a query string]:N: ' \
  '--limit-pattern-bytes[of all patterns of a query]:N: ' \
  '--limit-pattern-leaves[values of all patterns of a query]:N: ' \
  '--limit-filter-bytes[of a filter]:N: ' \
  '--limit-filter-nodes[nodes of all filters of a query]:N: ' \
  '--limit-filter-depth[how deep filters are nested]:N: ' \
  '--limit-filter-values[values in lists of a query]:N: ' \
  '--limit-work[passes over the text that a query may take]:N: ' \
  '--limit-ordered-views[paths whose order is kept in memory]:N: ' \
  '--help[this text]' \
  '--version[the version]' \
  '--man[this text as a manual page]' \
  '1:file:_files' \
  '2:query: '
