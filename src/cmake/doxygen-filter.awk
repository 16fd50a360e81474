# Plain comments to doxygen's: those above a declaration, and those behind a member. The text means what it says,
# so what doxygen would take for a command is escaped; what is indented in it is shown as code.
function escape(text) {
  gsub(/\\/, "\\\\\\\\", text)
  gsub(/[@<>#%]/, "\\\\&", text)
  return text
}
FNR == 1 { print "/// \\file" }
# The inline namespace is not what a user writes.
{ sub(/^namespace syncdex::inline v0/, "namespace syncdex") }
# Specialisations for fmt and std have no place in a reference of syncdex, and doxygen none for them.
/^template <>$/ { skip = 1 }
skip { if (/};$/ || /{};?$/) skip = 0; next }
/^ *\/\/( |$)/ {
  match($0, /^ */)
  indent = substr($0, 1, RLENGTH)
  text = substr($0, RLENGTH + 3)
  code = text ~ /^   +[^ ]/
  if (code && !in_code) print indent "///"
  in_code = code
  print indent "///" (code ? "   " text : escape(text))
  next
}
{ in_code = 0 }
/[;,{}] *\/\/ / {
  at = match($0, / \/\/ /)
  print substr($0, 1, at - 1) " ///< " escape(substr($0, at + 4))
  next
}
{ print }
