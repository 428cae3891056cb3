import CanoTesting
import Foundation

@testable import CanoBus

/// Makes entries that are nearly like the golden ones.
struct FieldMutator: Sendable {
    typealias Fields = [(name: [UInt8], value: [UInt8])]

    private let examples: [Fields]
    private let names: [[UInt8]]
    private let values: ByteMutator

    /// Reads the examples.
    ///
    /// - Parameters:
    ///   - folders: Those of docs/contract/golden whose entries are the examples.
    ///   - names: Of fields that mean something.
    /// - Throws: When a golden entry can't be read.
    init(folders: [String], names: [String]) throws {
        let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/contract/golden")
        let examples = try folders.flatMap { folder in
            let folder = golden.appending(path: folder)
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { file in
                try JSONDecoder().decode([[String]].self, from: Data(contentsOf: folder.appending(path: file))).map { ($0[0], $0[1]) }
            }
        }
        self.init(examples: examples, names: names)
    }

    /// Takes the examples: the fields of each, and names of fields that mean something.
    init(examples: [[(String, String)]], names: [String]) {
        self.examples = examples.map { $0.map { (name: Array($0.0.utf8), value: Array($0.1.utf8)) } }
        self.names = names.map { Array($0.utf8) }
        values = ByteMutator(
            examples: examples.flatMap { $0.map(\.1) },
            tokens: names + CommandType.allCases.map { CommandType.cloudEventPrefix + $0.rawValue } + [
                "start", "cancel", "1.0", "{", "}", "[", "]", "\"", "\\", ",", ":", "null", "@", "::", "/", "\u{0}", "\u{1}", "\u{2}",
                "\u{1F}", "é", "e\u{301}",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "-", "+1", "999999999999999999",
            ])
    }

    /// An example, changed in a few places; now and then as it is.
    func input(_ random: inout SeededGenerator) -> Fields {
        var fields = random.one(of: examples)
        for _ in 0..<random.below(5) { change(&fields, &random) }
        return fields
    }

    private func change(_ fields: inout Fields, _ random: inout SeededGenerator) {
        guard !fields.isEmpty else {
            fields = random.one(of: examples)
            return
        }
        let index = random.below(fields.count)
        switch random.below(12) {
        case 0: fields.remove(at: index)
        case 1: fields.append(fields[index])
        case 2: fields.swapAt(index, random.below(fields.count))
        case 3: fields.insert(random.one(of: random.one(of: examples)), at: index)
        case 4: fields[index].value = random.one(of: random.one(of: examples)).value
        case 5: fields[index].name = random.one(of: names)
        case 6: values.change(&fields[index].name, &random)
        case 7: fields.append((Array("specversion".utf8), Array("1.0".utf8)))
        case 8 where random.once(in: 20): fields += Array(repeating: fields[index], count: 64)
        default: values.change(&fields[index].value, &random)
        }
    }

    static func literal(_ fields: Fields) -> String {
        "[" + fields.map { "(\($0.name.literal), \($0.value.literal))" }.joined(separator: ", ") + "]"
    }
}
