import Testing

@testable import CanoRedis

@Suite("A script is put together", .timeLimit(.minutes(5)))
struct ScriptAssemblyTests {
    private let header = ScriptHeader(
        keys: ["record"], arguments: ["run"], constants: [ScriptConstant("most", 7), ScriptConstant("word", "it's")])

    private func source(_ body: String, libraries: [String] = [], more: [String] = []) -> [String] {
        let assembly = ScriptAssembly(header, libraries: libraries.map { Array($0.utf8) }, more: more.map { Array($0.utf8) })
        return String(decoding: assembly.source(Array(body.utf8)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("from its first line, the names of its keys and arguments, its libraries and its body, in this order")
    func order() {
        #expect(
            source("#!lua flags=x\nreturn f()", libraries: ["local function f()\n  return 1\nend\n"]) == [
                "#!lua flags=x", "local keys, arguments = KEYS, ARGV", "local record = keys[1]", "local run = arguments[1]",
                "local function f()", "  return 1", "end", "return f()",
            ])
    }

    @Test(
        "with the values of constants where their names stand, and nowhere else",
        arguments: [
            ("return most", "return 7"), ("return 1+most..word", "return 1+7..'it\\'s'"), ("return a.most", "return a.most"),
            ("return { most = most }", "return { most = 7 }"), ("return most == 1", "return 7 == 1"),
            ("return 'most' -- most", "return 'most' -- most"), ("return mosts, almost, most2", "return mosts, almost, most2"),
            ("return keys[more_keys], arguments[lists]", "return keys[2], arguments[2]"), ("return 'a\\'most'", "return 'a\\'most'"),
        ])
    func constants(body: String, expected: String) { #expect(source("#!lua\n\(body)").last == expected) }

    @Test("with functions that only some calls need where the body asks for them, known to all of it")
    func more() {
        let library = "-- Says so.\nlocal a, b\nlocal limit, other = most, 2\nlocal function f(x)\n  local y = x\n  return y\nend\n"
        #expect(
            source("#!lua\nif run then\n  -- more functions\nend\nreturn f(1)", more: [library]).dropFirst(4) == [
                "local a, b, limit, other, f", "if run then", "-- Says so.", "limit, other = 7, 2", "f = function(x)", "  local y = x",
                "  return y", "end", "end", "return f(1)",
            ])
    }
}
