import Testing

@testable import CanoCLI

@Suite("A word of a shell's command line", .timeLimit(.minutes(5)))
struct ShellWordTests {
    @Test(
        "is quoted where a shell would read it otherwise",
        arguments: [
            ("/tmp/cano/redis.sock", "/tmp/cano/redis.sock"), ("/my state @ 100%/r", "'/my state @ 100%/r'"), ("it's", #"'it'\''s'"#),
            ("", "''"),
        ])
    func quoted(_ text: String, word: String) {
        #expect(text.asShellWord == word)
    }
}
