# exit 0
# The manual page has every command and every option of the help.
valuemap help man >man
for command in $(valuemap help | sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p'); do
  grep -q "^\.SS valuemap $command\$" man || echo "no command $command"
  valuemap "$command" --help | grep -o -e '--[a-z][a-z-]*' | sort -u | sed 's/-/\\-/g' |
    while read -r option; do
      test "$option" = '\-\-help' || grep -qF -e "$option" man || echo "$command: no option $option"
    done
done
sed -n '1p' man | sed 's/ [0-9.]*"/ VERSION"/'
if command -v man >/dev/null; then man --warnings -l man 2>&1 >/dev/null; fi
grep -c '^\.SS' man
