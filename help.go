package main

const help = `Muban: a console for WeChat mini-program template messages.

  muban [serve]  the console; without an app it opens on the sandbox
  muban sandbox  only the simulated WeChat, for SDKs and other programs
  muban audit    check proposals against WeChat's review rules
  muban user     add, list and change people
  muban backup   a consistent copy of the database, also while serving
  muban restore  put a backup in the database's place, once it is checked
  muban verify   prove that nobody changed the activity log
  muban help     this text

muban COMMAND -h lists a command's flags. Every flag can be set by an
environment variable as well: -addr is MUBAN_ADDR, and so on.
`
