import Testing

@testable import CanoBus

@Suite("What children are called") struct ChildNameTests {
    @Test(
        "says whose child it is, for which part of that, and at which attempt",
        arguments: [
            ("a//1", "a", "//1", 1, nil, "a"), ("a/b//12.3", "a/b", "//12.3", 1, nil, "a/b"), ("a//1.0:2", "a", "//1.0", 2, nil, "a"),
            ("a//1:1.4", "a", "//1", 1, 4, "a"), ("a//1.0:2//3", "a//1.0:2", "//3", 1, nil, "a"),
            ("x:3@5//7:2.9", "x:3@5", "//7", 2, 9, "x:3@5"),
        ] as [(String, String, String, Int, Int?, String)])
    func read(run: String, parent: String, leg: String, attempt: Int, resumed: Int?, root: String) throws {
        let name = try #require(ChildName(run))
        #expect(name.parent == parent && name.leg == leg && name.attempt == attempt && name.resumed == resumed && name.root == root)
        #expect(name == ChildName(parent: parent, leg: leg, attempt: attempt, resumed: resumed) && name.description == run)
        #expect(RunName.isValid(run) && !RunName.isChosen(run) && RunName.isChosen(root))
        #expect(try #require(try? Regex("^(?:\(RunName.pattern))$")).wholeMatch(in: run) != nil)
        #expect(RunShard.of(run, among: 7) == RunShard.of(root, among: 7))
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "a", "a/1", "//1", "a//", "a//x", "a//1.", "a//1.2.3", "a//01", "a//1:1", "a//1:0", "a//1:02", "a//1:2:3", "a//1:x",
            "a//1/2",
            "a///1", "a//1//", "a//1.0:2.3.4", "a//1234567890123456789",
        ])
    func others(run: String) {
        #expect(ChildName(run) == nil)
        if run.contains("//") { #expect(!RunName.isValid(run)) }
    }

    @Test("is what a start with that parent and that root is called, and no other start", arguments: [false, true])
    func start(isCloudEvent: Bool) throws {
        func parse(_ id: String, _ fields: [(String, String)]) throws -> any BusCommand {
            let event = [("specversion", "1.0"), ("type", "cano.run.start"), ("subject", "w"), ("runid", id)]
            let plain = [("type", "start"), ("workflow", "w"), ("id", id)]
            return try CommandParser.parse((isCloudEvent ? event : plain) + fields)
        }
        let command = try parse("a//1//2", [("parent", "a//1"), ("root", "a")])
        #expect(command as? StartCommand == StartCommand("w", run: "a//1//2"))
        let wrong: [(String, [(String, String)])] = [
            ("a//1", []), ("a//1", [("parent", "a")]), ("a//1", [("parent", "b"), ("root", "a")]),
            ("a//1", [("parent", "a"), ("root", "b")]),
            ("a", [("parent", "a"), ("root", "a")]), ("a", [("root", "a")]), ("a//x", [("parent", "a"), ("root", "a")]),
            ("a//1", [("parent", "a"), ("root", "a"), (isCloudEvent ? "delayms" : "delay_ms", "5")]),
            ("a//1", [("parent", "a"), ("root", "a"), ("schedule", "s")]),
        ]
        for (id, fields) in wrong {
            #expect(throws: Rejection.self, "\(id) \(fields)") { try parse(id, fields) }
        }
    }

    @Test("is as long as any id at most")
    func length() {
        #expect(RunName.isValid(String(repeating: "a", count: 197) + "//1"))
        #expect(!RunName.isValid(String(repeating: "a", count: 198) + "//1"))
    }
}
