f"{x!r:{y}.{z}}" f'''{
a
}''' rf"\{b}" F"{{{c}}}" b"\xff" "\N{DASH}" "a" \
"b" f"{d:%H:%M}" f"{lambda x: 1}" f"{'nested ' f'{e}'}"
