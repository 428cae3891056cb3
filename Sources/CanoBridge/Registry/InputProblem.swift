import CanoPrimitives
import Foundation

/// Says what is wrong with an input, and where in it.
enum InputProblem {
    static func describe(_ error: any Error, in input: String, workflow: String) -> String {
        if let problem = error as? JSONSyntax.Problem {
            return "The input is not JSON: \(problem.message), \(problem.offset) bytes from its beginning."
        }
        guard let error = error as? DecodingError else {
            return "The input does not fit the workflow \"\(workflow)\": \(error)"
        }
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            // What the decoder says of a number that its integer type can't hold: no place, and not the reason either.
            let places = placesOfFractions(in: input).prefix(3).joined(separator: ", ")
            return "The input does not fit the workflow \"\(workflow)\" at \(places.isEmpty ? "$" : places): a whole number is expected."
        case .dataCorrupted(let context), .typeMismatch(_, let context):
            return "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): \(reason(context))"
        case .valueNotFound(_, let context):
            return "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): a value is missing."
        case .keyNotFound(let key, let context):
            return
                "The input does not fit the workflow \"\(workflow)\" at \(place(context.codingPath)): the member \"\(key.stringValue)\" is missing."
        @unknown default:
            return "The input does not fit the workflow \"\(workflow)\": \(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.reduce("$") { place, key in
            key.intValue.map { "\(place)[\($0)]" } ?? "\(place).\(key.stringValue)"
        }
    }

    /// Where numbers stand that are no 64-bit integers.
    private static func placesOfFractions(in input: String) -> [String] {
        do {
            let json = try JSONSerialization.jsonObject(with: Data(input.utf8), options: .fragmentsAllowed)
            return placesOfFractions(in: json, at: "$")
        } catch {
            return []
        }
    }

    private static func placesOfFractions(in json: Any, at place: String) -> [String] {
        switch json {
        case let object as [String: Any]:
            object.sorted { $0.key < $1.key }.flatMap { placesOfFractions(in: $0.value, at: "\(place).\($0.key)") }
        case let array as [Any]:
            array.enumerated().flatMap { placesOfFractions(in: $0.element, at: "\(place)[\($0.offset)]") }
        case let number as Double where Int64(exactly: number) == nil:
            [place]
        default: []
        }
    }

    private static func reason(_ context: DecodingError.Context) -> String {
        context.underlyingError.map(reason) ?? context.debugDescription
    }

    /// Foundation says the line and column in the error's user info only.
    private static func reason(_ error: any Error) -> String {
        (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? "\(error)"
    }
}
