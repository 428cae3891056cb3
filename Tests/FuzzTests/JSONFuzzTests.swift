import CanoPrimitives
import CanoTesting
import Foundation
import Testing

extension Fuzzing {
    @Suite("Any text", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct JSONFuzzTests {
        private static let mutator = ByteMutator(
            examples: [
                #"{"sku":"A1","quantity":2,"delay_ms":40,"tags":["a","b"],"more":{"deep":[1,[2,[3]],{}]}}"#,
                #"[null,true,false,-0,0.5,-1.25e-7,1E+20,123456789012345678,"",[],{}]"#,
                #""text \" \\ \/ \b \f \n \r \t \u00e9 \ud83d\ude00 é 😀""#,
                " { \"a\" : [ 1 , 2 ] ,\r\n\t\"b\\u0041\" : null } ", "0", "null",
            ],
            tokens: [
                "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\u0000", "{\"a\":", "\"a\":1,", "true", "null",
                "NaN",
                "-", ".", "e", "E+", " ", "\t", "\u{FEFF}", "\u{0}", "\u{7F}", "\u{2028}", "'", "//", "/*",
            ])

        @Test("that passes for JSON is JSON to another reader, with the same members")
        func reading() async throws {
            let fuzzer = Fuzzer(name: "json-reading", inputs: 10_000, literal: \.literal) { Self.mutator.input(&$0) }
            try await fuzzer.run { try Self.check($0) }
        }

        private static func check(_ bytes: [UInt8]) throws {
            let text = String(decoding: bytes, as: UTF8.self)
            do { try JSONSyntax.check(text) } catch { return }
            let value: Any
            do {
                value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            } catch {
                throw Finding("is accepted, and Foundation refuses it: \(error)")
            }
            if let object = value as? [String: Any] {
                let members = try JSONObject(text).members
                // Foundation leaves out a byte order mark that a string begins with.
                let names = Set(members.map { String($0.name.unicodeScalars.drop { $0 == "\u{FEFF}" }) })
                guard names == Set(object.keys) else { throw Finding("has the members \(members) and not \(object.keys)") }
                for member in members { try JSONSyntax.check(member.json) }
            } else if let list = value as? [Any] {
                let elements = try JSONSyntax.elements(of: text)
                guard elements.count == list.count else { throw Finding("has \(elements.count) elements and not \(list.count)") }
                for element in elements { try JSONSyntax.check(element) }
            }
        }

        @Test("of JSON that another writer made passes for JSON")
        func foreign() async throws {
            let fuzzer = Fuzzer(name: "json-foreign", inputs: 5_000, literal: \.literal) { random in
                var options: JSONSerialization.WritingOptions = [.fragmentsAllowed]
                if random.once(in: 2) { options.insert(.prettyPrinted) }
                if random.once(in: 2) { options.insert(.withoutEscapingSlashes) }
                return Self.serialized(Self.value(&random, depth: 0), options)
            }
            try await fuzzer.run { bytes in try JSONSyntax.check(String(decoding: bytes, as: UTF8.self)) }
        }

        private static func serialized(_ value: Any, _ options: JSONSerialization.WritingOptions) -> [UInt8] {
            do { return Array(try JSONSerialization.data(withJSONObject: value, options: options)) } catch { return Array("\(error)".utf8) }
        }

        private static func value(_ random: inout SeededGenerator, depth: Int) -> Any {
            switch random.below(depth < 6 ? 8 : 5) {
            case 0: return NSNull()
            case 1: return random.once(in: 2)
            case 2: return random.integer()
            case 3:
                let number = Double(bitPattern: random.next())
                return number.isFinite ? number : 0.1
            case 4: return random.text(upTo: 12)
            case 5: return (0..<random.below(4)).map { _ in value(&random, depth: depth + 1) }
            default:
                return Dictionary((0..<random.below(4)).map { _ in (random.text(upTo: 4), value(&random, depth: depth + 1)) }) { $1 }
            }
        }

        @Test("is written as a JSON string that every reader reads back")
        func writing() async throws {
            let fuzzer = Fuzzer(name: "json-writing", inputs: 5_000, literal: \.debugDescription) { $0.text(upTo: 40) }
            try await fuzzer.run { text in
                var writer = JSONWriter()
                writer.member(text, text)
                let written = writer.object
                try JSONSyntax.check(written)
                let read = try JSONDecoder().decode([String: String].self, from: Data(written.utf8))
                guard let member = read.first, member.key.utf8.elementsEqual(text.utf8), member.value.utf8.elementsEqual(text.utf8),
                    let own = try JSONObject(written).members.first, own.name.utf8.elementsEqual(text.utf8),
                    try JSONValue.decode(String.self, from: own.json.utf8).utf8.elementsEqual(text.utf8)
                else { throw Finding("is read back as something else") }
            }
        }
    }
}
