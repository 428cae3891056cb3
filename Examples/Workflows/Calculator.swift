/// A model that stands in for a real one: it asks for the sum of the numbers in the question and answers with it.
package struct Calculator: Model {
    package init() {}

    package func reply(to messages: [String]) async throws -> Reply {
        guard let result = messages.last?.split(separator: " = ").last, messages.count > 1 else {
            return .call(tool: "add", argument: messages[0].filter { $0.isNumber || $0 == " " })
        }
        return .answer("It is \(result).")
    }

    /// The tool it asks for.
    @Sendable package static func add(_ numbers: String) async throws -> String {
        String(numbers.split(separator: " ").compactMap { Int($0) }.reduce(0, +))
    }
}
