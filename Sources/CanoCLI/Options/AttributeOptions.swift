import ArgumentParser
import CanoBus
import CanoPrimitives

/// What a run is to be found by.
struct AttributeOptions: ParsableArguments {
    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp(
            "What the run can be found by; may be given several times. A number, true and false are taken as such, and as text in quotes.",
            valueName: "name=value"))
    var typed: [String] = []

    /// The attributes.
    ///
    /// - Throws: `ValidationError`.
    func attributes() throws -> RunAttributes {
        var values: [String: RunAttribute] = [:]
        for text in typed {
            let (name, value) = try Self.pair(typed: text, option: "--attribute")
            guard values.updateValue(RunAttribute(typed: value), forKey: name) == nil else {
                throw ValidationError("--attribute has the name \"\(name)\" twice.")
            }
        }
        do { return try RunAttributes(values) } catch { throw ValidationError(error.message) }
    }

    /// A name and a value, as a person types them.
    static func pair(typed text: String, option: String) throws -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw ValidationError("\(option) is \"\(text)\": give a name and a value with = between, such as customer=c-9.")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}

extension RunAttribute {
    /// Reads a value as a person types it: JSON where it is a text in quotes, a number or a truth value, and else the text itself.
    init(typed text: String) {
        self = Self.json(text) ?? .text(text)
    }

    private static func json(_ text: String) -> RunAttribute? {
        do throws(JSONSyntax.Problem) { try JSONSyntax.check(text) } catch { return nil }
        // White space around it belongs to a text.
        return text.first?.isWhitespace == true || text.last?.isWhitespace == true ? nil : RunAttribute(json: text)
    }
}
