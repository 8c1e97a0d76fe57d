"""Write it, into the packages it is for; `make client`."""

from devstack.client_code.files import written_files

for path, text in written_files().items():
    path.write_text(text)
