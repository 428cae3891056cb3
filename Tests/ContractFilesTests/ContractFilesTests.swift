import Foundation
import Testing

@testable import contract_files

@Suite("The files of docs/contract", .timeLimit(.minutes(5)))
struct ContractFilesTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("are those that the tables in CanoBus make: `make contract` writes them anew")
    func current() throws {
        let written = try ContractFolder(Self.repository.appending(path: "docs/contract")).files()
        let made = try ContractFiles.all()
        #expect(written.keys.sorted() == made.keys.sorted())
        for (path, text) in made { #expect(written[path] == text, "docs/contract/\(path) is not what the code says") }
    }

    @Test("are replaced, and removed where they no longer belong, while what people wrote stays")
    func written() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "contract-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        let folder = ContractFolder(url)
        try folder.write(["events/old.schema.json": "{}", "asyncapi.yaml": "a: 1"])
        try Data("{}".utf8).write(to: url.appending(path: "events/golden.json"))
        try folder.write(["events/new.schema.json": "[]", "asyncapi.yaml": "a: 2"])
        #expect(try folder.files() == ["events/new.schema.json": "[]", "asyncapi.yaml": "a: 2"])
        #expect(FileManager.default.fileExists(atPath: url.appending(path: "events/golden.json").path))
    }
}
