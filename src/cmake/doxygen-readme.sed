# The README as the reference's front page: links to files of the repository become plain text.
s/([^!]|^)\[([^]]*)\]\((bench|src|tests|include|[A-Z]+\.md)[^)]*\)/\1\2/g
