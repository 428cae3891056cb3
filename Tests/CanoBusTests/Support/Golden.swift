import CanoBus
import Foundation
import Testing

/// An entry of docs/contract/golden: its fields in order.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let fields: [(name: String, value: String)]

    /// The entries of a folder, by name.
    static func all(in folder: String) throws -> [Golden] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/contract/golden/\(folder)")
        return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().filter { $0.hasSuffix(".json") }.map { file in
            let pairs = try JSONDecoder().decode([[String]].self, from: Data(contentsOf: url.appending(path: file)))
            return Golden(name: String(file.dropLast(5)), fields: pairs.map { (name: $0[0], value: $0[1]) })
        }
    }

    var testDescription: String { name }

    /// The last value of each field.
    var values: [String: String] { Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last } }

    /// The fields as they are on a stream.
    var bytes: [(name: [UInt8], value: [UInt8])] { fields.map { (Array($0.name.utf8), Array($0.value.utf8)) } }
}
