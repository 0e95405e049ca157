# exit 0
# Two runs, one to three threads, into a new folder and over an old one: the same bytes of every file.
valuemap run ../sim/study.yaml -o a -q
valuemap run ../sim/study.yaml -o b -q --threads 1
valuemap run ../sim/study.yaml -o c -q --threads 2
valuemap run ../sim/study.yaml -o b -q --threads 3
diff -r -x '*.pdf' a b && diff -r -x '*.pdf' a c && echo same
ls a/tables
