import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis

/// Why a request was not answered as it was meant.
struct RequestProblem: Error, Sendable, Hashable {
    /// The status of HTTP.
    let status: Int
    /// What is wrong and what to do about it, for a person.
    let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Says of an error whose fault it is: of the request, of something that is gone, or of Redis.
    init(_ error: any Error) {
        switch error {
        case let problem as RequestProblem: self = problem
        case let error as BusError: self.init(error.code == .invalidName || error.code == .invalidAttributes ? 400 : 500, error.message)
        case let error as ClientError:
            switch error.code {
            case .unknownRun, .unknownDeadLetter: self.init(404, error.message)
            case .timedOut: self.init(504, error.message)
            default: self.init(409, error.description)
            }
        case let error as RedisError: self.init(error.serverError == nil ? 503 : 502, "Redis: \(error)")
        default: self.init(500, "\(error)")
        }
    }

    /// As the JSON API answers it.
    var json: String {
        var text = JSONWriter()
        text.member("error", message)
        return text.object
    }
}
