# exit 66
VALUEMAP_DATA=nowhere valuemap list spaces
