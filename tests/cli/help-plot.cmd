# exit 0
valuemap plot --help >a
valuemap help plot | cmp - a
valuemap plot -h | cmp - a
cat a
