musubi --version
