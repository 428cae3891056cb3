import ArgumentParser
import CanoClient
import CanoPrimitives
import Foundation
import Testing

@testable import CanoCLI

@Suite("The input of a run", .timeLimit(.minutes(5)))
struct InputOptionTests {
    @Test("is what was typed, also where it begins like an option", arguments: ["{}", "-5", "--x", #""@"#])
    func typed(_ input: String) throws {
        #expect(try InputOption.parse(["--input", input]).json() == input)
        #expect(try InputOption.parse(["--input=" + input]).json() == input)
    }

    @Test("is null when there is none")
    func none() throws {
        #expect(try InputOption.parse([]).json() == "null")
    }

    @Test("is read from a file")
    func file() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "input-\(UInt64.random(in: 0 ... .max)).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = "\"" + String(repeating: "x", count: 200_000) + "\""
        try Data(text.utf8).write(to: file)
        #expect(try InputOption.parse(["--input", "@" + file.path]).json() == text)
        try Data([0x22, 0xFF, 0x22]).write(to: file)
        #expect(throws: (any Error).self) { try InputOption.parse(["--input", "@" + file.path]).json() }
        #expect(throws: (any Error).self) { try InputOption.parse(["--input", "@/no/such/file"]).json() }
    }
}
