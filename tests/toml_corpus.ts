/**
 * Awkward TOML documents, all valid, none with a managed block: what users and programs may have written.
 *
 * The last three need TOML 1.1.
 *
 * @module
 */

/** Each document with what is odd about it. */
export const TOML_CORPUS: readonly { readonly name: string; readonly text: string }[] = [
  { name: "empty", text: "" },
  { name: "a line end", text: "\n" },
  { name: "blank lines", text: "\n\n  \n\t\n" },
  { name: "a comment", text: "# only this" },
  { name: "comments of every kind", text: "#\n# x\n   # indented\n\t#tab\n#no space\n# ünï 🦕\n" },
  { name: "a comment with control-like text", text: '# \\u0000 \\x00 [a] = "b"\n' },
  { name: "every whitespace around a key", text: "  a\t=  1  \t\nb=2\n" },
  { name: "bare keys", text: "a-b = 1\na_b = 2\n1234 = 3\n-_- = 4\n" },
  { name: "quoted keys", text: "\"a b\" = 1\n'c d' = 2\n\"\" = 3\ne . '' = 4\n" },
  { name: "escaped keys", text: '"\\u00e9" = 1\n"tab\\there" = 2\n\'C:\\x\' = 3\n' },
  { name: "keys that look like values", text: "true = 1\n1979-05-27 = 2\ninf = 3\n3.14 = 4\n" },
  {
    name: "keys that look like markers",
    text: "\"# >>> agentos managed >>>\" = 1\n'# <<< agentos managed <<<' = 2\n",
  },
  {
    name: "keys of objects",
    text: "__proto__ = 1\nconstructor = 2\ntoString.valueOf = 3\nhasOwnProperty = 4\n",
  },
  { name: "a table of objects", text: "[__proto__]\npolluted = true\n[constructor.prototype]\nx = 1\n" },
  { name: "dotted keys", text: 'a.b.c = 1\na.b.d = 2\na . e = 3\na."f.g" = 4\n' },
  { name: "dotted keys out of order", text: "a.x = 1\nb.x = 2\na.y = 3\nb.y = 4\n" },
  { name: "strings", text: "a = \"x\"\nb = 'y'\nc = \"\"\nd = ''\n" },
  { name: "escapes", text: 'a = "\\b\\t\\n\\f\\r\\"\\\\\\u00e9\\U0001F995"\n' },
  { name: "hashes in strings", text: 'a = "# no" # yes\nb = \'# no\' # "yes"\nc = "a\\"# no" # yes\n' },
  { name: "brackets in strings", text: 'a = "[t]"\nb = \'[[u]]\'\nc = "]" # ]\n' },
  { name: "equals in strings", text: 'a = "b = c"\nurl = "http://x/?a=b&c=d#e"\n' },
  { name: "a multi-line string", text: 'a = """\nx\n  y\n"""\n' },
  {
    name: "a multi-line string that looks like a file",
    text: 'a = """\n[t]\nk = 1\n# c\n[[u]]\n"""\nb = 2\n',
  },
  { name: "a multi-line literal", text: "a = '''\n[t] \\ \"\"\"\nk = 1'''\n" },
  {
    name: "quotes at the ends of multi-line strings",
    text: 'a = """"x""""\nb = \'\'\'\'y\'\'\'\'\nc = """"""\nd = \'\'\'\'\'\'\ne = """""x"""""\n',
  },
  { name: "line continuations", text: 'a = """\\\n   x \\\n\n   y"""\n' },
  { name: "escaped quotes in multi-line strings", text: 'a = """x \\""" y \\\\"""\nb = 1\n' },
  {
    name: "markers in a multi-line string",
    text: 'a = """\n# >>> agentos managed >>>\nx\n# <<< agentos managed <<<\n"""\n',
  },
  {
    name: "one marker in a multi-line literal",
    text: "a = '''\n# <<< agentos managed <<<\n'''\n[t]\nb = '''\n# >>> agentos managed >>>\n'''\n",
  },
  {
    name: "markers in longer comments",
    text: "# about # >>> agentos managed >>> and\n## <<< agentos managed <<<\n[t]\n",
  },
  { name: "markers behind values", text: "a = 1 # >>> agentos managed >>>\n[t] # <<< agentos managed <<<\n" },
  { name: "integers", text: "a = 0\nb = +1\nc = -1\nd = 1_000\ne = 0xDEAD_BEEF\nf = 0o755\ng = 0b1101\n" },
  {
    name: "integers beyond a double",
    text: "a = 9007199254740993\nb = -9007199254740993\nc = 9223372036854775807\nd = -9223372036854775808\n",
  },
  { name: "floats", text: "a = 1.0\nb = -0.0\nc = 6.626e-34\nd = 5e+22\ne = 1_0.0_1\nf = 1E06\n" },
  { name: "floats that are no numbers", text: "a = inf\nb = -inf\nc = nan\nd = -nan\ne = +nan\n" },
  { name: "booleans", text: "a = true\nb = false\n" },
  {
    name: "dates",
    text:
      "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00.999999-07:00\nc = 1979-05-27 07:32:00Z\nd = 1979-05-27T07:32:00\ne = 1979-05-27\nf = 07:32:00\ng = 07:32:00.123456\n",
  },
  { name: "dates in lower case", text: "a = 1987-07-05t17:45:00z\n" },
  { name: "an array over lines", text: "a = [\n  1, # one\n  2,\n\n  # three\n  3,\n]\n" },
  { name: "arrays in arrays", text: "a = [\n[1],\n[[2],\n[3]],\n]\n" },
  { name: "an array whose lines look like tables", text: "a = [\n['t'],\n[ \"u\" ],\n]\n[t]\nk = 1\n" },
  { name: "an array of strings with brackets", text: 'a = [\n"]",\n\'[\',\n"""\n]\n[x]\n""",\n]\nb = 1\n' },
  { name: "an empty array with a comment", text: "a = [ # nothing\n]\n" },
  { name: "arrays of mixed types", text: 'a = [1, "x", 1.0, [true], { k = 1 }]\n' },
  { name: "inline tables", text: 'a = { x = 1, y = { z = 2 } }\nb = {}\nc = { "q k" = 1, d.e = 2 }\n' },
  { name: "an array of inline tables", text: "a = [\n  { x = 1 }, # one\n  { x = 2 },\n]\n" },
  { name: "an inline table with a multi-line string", text: 'a = { x = """\n}\n""" }\nb = 1\n' },
  { name: "a table", text: "[t]\nk = 1\n" },
  { name: "a table without a line end", text: "[t]" },
  { name: "empty tables", text: "[a]\n[b]\n\n[c]\n" },
  { name: "spaced headers", text: "[ a . b ]\nk = 1\n  [ \"c d\" . 'e' ]  # x\n  k = 2\n" },
  { name: "quoted headers", text: '["a.b".c]\nk = 1\n[\'[x]\']\nk = 2\n["#"]\nk = 3\n' },
  { name: "tables out of order", text: "[a.b.c]\nk = 1\n[a]\nk = 2\n[a.b]\nk = 3\n" },
  { name: "tables far apart", text: "[a.x]\nk = 1\n[b]\nk = 2\n[a.y]\nk = 3\n" },
  { name: "a header with a comment", text: "[t] # [u]\nk = 1 # [v]\n" },
  { name: "comments above tables", text: "# file\n\n# about a\n# and more\n[a]\n\n# about b\n\n[b]\n" },
  {
    name: "a comment between keys",
    text: "[a]\n# one\nx = 1\n\n# two\ny = 2\n# end of a\n\n# start of b\n[b]\n",
  },
  { name: "an array of tables", text: "[[a]]\nk = 1\n[[a]]\nk = 2\n" },
  { name: "an array of empty tables", text: "[[a]]\n[[a]]\n[[a]]\n" },
  {
    name: "tables below elements",
    text: "[[a]]\nk = 1\n[a.b]\nx = 1\n[[a.c]]\ny = 1\n[[a.c]]\ny = 2\n[[a]]\nk = 2\n[a.b]\nx = 2\n",
  },
  { name: "arrays far apart", text: "[[a]]\nk = 1\n[b]\nk = 1\n[[a]]\nk = 2\n" },
  { name: "a root key and an array of tables", text: "x = 1\n[[a]]\nk = 1\n" },
  { name: "CRLF", text: 'a = 1\r\n\r\n[t]\r\nk = "x" # c\r\n' },
  { name: "CRLF in strings", text: "a = \"\"\"\r\nx\r\ny\"\"\"\r\nb = '''\r\n[t]\r\n'''\r\n" },
  { name: "CRLF in arrays", text: "a = [\r\n1, # x\r\n2,\r\n]\r\n[t]\r\n" },
  { name: "mixed line ends", text: "a = 1\nb = 2\r\n[t]\nk = 1\r\nj = 2\n" },
  { name: "mostly CRLF", text: "a = 1\r\nb = 2\r\n[t]\r\nk = 1\n" },
  { name: "CRLF without a last one", text: "a = 1\r\n[t]\r\nk = 1" },
  { name: "a byte order mark", text: "\ufeffa = 1\n[t]\nk = 1\n" },
  { name: "a byte order mark alone", text: "\ufeff" },
  { name: "a byte order mark and CRLF", text: "\ufeff# c\r\na = 1\r\n" },
  { name: "a byte order mark before a table", text: "\ufeff[t]\nk = 1\n" },
  { name: "no last line end", text: "a = 1" },
  { name: "no last line end after a comment", text: "a = 1 # x" },
  { name: "no last line end after a string", text: "a = '''\nx'''" },
  { name: "blanks at the end", text: "a = 1\n\n\n\n" },
  { name: "blanks at the start", text: "\n\n\na = 1\n" },
  { name: "spaces at the end", text: "a = 1   \n   " },
  { name: "tabs", text: "\ta\t=\t1\t#\tx\n\t[t]\n\t\tk\t=\t2\n" },
  { name: "unicode values", text: 'a = "é e\u0301 🦕 \u200b \u202e \u2028 \u00a0"\n' },
  { name: "unicode comments", text: "# \u2028 \u2029 \u0085 \ufeff\na = 1\n" },
  { name: "a lone separator in a string", text: "a = \"x\u2028y\"\n[t]\nb = 'x\u0085y'\n" },
  {
    name: "what Codex writes",
    text:
      'sandbox_mode = "workspace-write"\nmodel_reasoning_effort = "high"\n\n[projects."/home/ada/work"]\ntrust_level = "trusted"\n\n[tui.model_availability_nux]\n"gpt-5.5" = 1\n',
  },
  {
    name: "servers of the user's",
    text:
      '[mcp_servers.docs]\nurl = "https://docs.example.org/mcp" # ours at work\n\n[mcp_servers.files]\ncommand = "npx"\nargs = [\n  "-y",\n  "@example/files",\n]\nenv = { ROOT = "/srv" }\n',
  },
  { name: "a parent of servers", text: '[mcp_servers]\n# none yet\n\n[mcp_servers.docs]\nurl = "u"\n' },
  { name: "servers as dotted keys", text: 'mcp_servers.docs.url = "u"\nmcp_servers.docs.enabled = true\n' },
  { name: "servers in their parent", text: '[mcp_servers]\ndocs = { url = "u" }\nfiles.command = "npx"\n' },
  {
    name: "providers of the user's",
    text:
      'model_provider = "mine"\n\n[model_providers.mine]\nname = "Mine"\nbase_url = "http://127.0.0.1:1/v1"\n[model_providers.mine.query_params]\nv = "1"\n',
  },
  {
    name: "a name that starts like ours",
    text: '[mcp_servers.agentOS-portfolio-2]\nurl = "u"\n[mcp_servers.agentOS]\nurl = "v"\n',
  },
  { name: "a name that differs by case", text: '[mcp_servers.agentos-portfolio]\nurl = "u"\n' },
  {
    name: "tools below our server",
    text: '[mcp_servers.agentOS-portfolio.tools.git_push]\napproval_mode = "approve"\n',
  },
  {
    name: "hooks",
    text:
      '[[hooks.Stop]]\nmatcher = "x"\n[[hooks.Stop.hooks]]\ntype = "command"\ncommand = "true"\n\n[hooks.state."/home/ada/.codex/config.toml:stop:0:0"]\ntrusted_hash = "sha256:00"\n',
  },
  {
    name: "old profiles of the user's",
    text: '[profiles.mine]\nmodel = "m"\n[profiles."other one"]\nmodel = "n"\n',
  },
  {
    name: "windows paths",
    text:
      "[projects.'C:\\Users\\ada']\ntrust_level = 'trusted'\n[projects.\"D:\\\\work\"]\ntrust_level = \"trusted\"\n",
  },
  {
    name: "a commented-out block",
    text: '# [mcp_servers.agentOS-portfolio]\n# url = "http://old:1/mcp"\n[t]\n',
  },
  { name: "a commented-out table above a table", text: "a = 1\n\n# [old]\n# k = 1\n[new]\nk = 2\n" },
  { name: "deep headers", text: "[a.b.c.d.e.f.g.h.i.j]\nk = 1\n" },
  {
    name: "many tables",
    text:
      "[t0]\nk = 0\n\n[t1]\nk = 1\n\n[t2]\nk = 2\n\n[t3]\nk = 3\n\n[t4]\nk = 4\n\n[t5]\nk = 5\n\n[t6]\nk = 6\n\n[t7]\nk = 7\n\n[t8]\nk = 8\n\n[t9]\nk = 9\n\n[t10]\nk = 10\n\n[t11]\nk = 11\n\n[t12]\nk = 12\n\n[t13]\nk = 13\n\n[t14]\nk = 14\n\n[t15]\nk = 15\n\n[t16]\nk = 16\n\n[t17]\nk = 17\n\n[t18]\nk = 18\n\n[t19]\nk = 19\n\n[t20]\nk = 20\n\n[t21]\nk = 21\n\n[t22]\nk = 22\n\n[t23]\nk = 23\n\n[t24]\nk = 24\n\n[t25]\nk = 25\n\n[t26]\nk = 26\n\n[t27]\nk = 27\n\n[t28]\nk = 28\n\n[t29]\nk = 29\n\n",
  },
  {
    name: "many root keys",
    text:
      "k0 = 0\nk1 = 1\nk2 = 2\nk3 = 3\nk4 = 4\nk5 = 5\nk6 = 6\nk7 = 7\nk8 = 8\nk9 = 9\nk10 = 10\nk11 = 11\nk12 = 12\nk13 = 13\nk14 = 14\nk15 = 15\nk16 = 16\nk17 = 17\nk18 = 18\nk19 = 19\nk20 = 20\nk21 = 21\nk22 = 22\nk23 = 23\nk24 = 24\nk25 = 25\nk26 = 26\nk27 = 27\nk28 = 28\nk29 = 29\nk30 = 30\nk31 = 31\nk32 = 32\nk33 = 33\nk34 = 34\nk35 = 35\nk36 = 36\nk37 = 37\nk38 = 38\nk39 = 39\nk40 = 40\nk41 = 41\nk42 = 42\nk43 = 43\nk44 = 44\nk45 = 45\nk46 = 46\nk47 = 47\nk48 = 48\nk49 = 49\nk50 = 50\nk51 = 51\nk52 = 52\nk53 = 53\nk54 = 54\nk55 = 55\nk56 = 56\nk57 = 57\nk58 = 58\nk59 = 59\n",
  },
  {
    name: "a long line",
    text:
      'a = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"\n[t]\n',
  },
  { name: "deep arrays", text: "a = [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n[t]\n" },
  {
    name: "deep inline tables",
    text:
      "a = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = { k = 1 } } } } } } } } } } } } } } }\n",
  },
  { name: "a table named by a number", text: "[1]\n2 = 3\n[1.2x]\nk = 1\n" },
  { name: "keys before and between", text: "top = 1\n[a]\nk = 1\n\n[b]\nk = 1 # last\n# trailing comment" },
  { name: "a trailing comment block", text: "[a]\nk = 1\n\n# these are\n# my notes\n" },
  { name: "only a header comment and a table", text: "#!/usr/bin/env x\n[t]\n" },
  {
    name: "escaped newline before a marker",
    text: 'a = """\\\n  # >>> agentos managed >>>\\\n  """\n[t]\nk = 1\n',
  },
  { name: "literal with backslashes at its end", text: "a = 'C:\\dir\\'\nb = \"x\\\\\"\n[t]\n" },
  {
    name: "single quotes in basic strings",
    text: 'a = "it\'s"\nb = \'"q"\'\nc = """\'\'\' x "" y"""\n[t]\n',
  },
  { name: "comment directly below a header", text: "[t]\n# first\nk = 1\n" },
  {
    name: "two blank-separated comment groups",
    text: "# group one\n\n# group two\n\n[t]\n# group three\n\n# group four\n",
  },
  {
    name: "later version's inline table over lines",
    text: "a = {\n  x = 1, # one\n  y = 2,\n}\n[t]\nk = 1\n",
  },
  { name: "later version's escapes", text: 'a = "\\e[0m \\x41"\n[t]\n' },
  { name: "later version's times", text: "a = 07:32\nb = 1979-05-27T07:32Z\n[t]\n" },
];
