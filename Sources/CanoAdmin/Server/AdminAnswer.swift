import HTTPTypes
import Hummingbird
import NIOCore

/// The answers of the admin server, each with what keeps other sites' pages away from it.
enum AdminAnswer {
    /// Pages load nothing from elsewhere, run no script but their own, and are shown in no frame.
    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
        frame-ancestors 'none'
        """

    /// A page.
    static func page(_ page: HTML, status: HTTPResponse.Status = .ok) -> Response {
        answer(status, "text/html; charset=utf-8", ByteBuffer(string: page.text))
    }

    /// A JSON text.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        answer(status, "application/json", ByteBuffer(string: text))
    }

    /// What went wrong, for a program.
    static func problem(_ problem: RequestProblem) -> Response {
        json(problem.json, status: HTTPResponse.Status(code: problem.status))
    }

    /// Why a program's request is not answered.
    static func refusal(_ refusal: AdminGate.Refusal) -> Response {
        switch refusal {
        case .unknown:
            var response = problem(RequestProblem(401, "Show the admin token: Authorization: Bearer <token>"))
            response.headers[.wwwAuthenticate] = "Bearer"
            return response
        case .other(let other): return problem(other)
        }
    }

    /// Where to look next.
    static func redirect(to path: String) -> Response {
        var response = answer(.seeOther, "text/plain; charset=utf-8", ByteBuffer())
        response.headers[.location] = path
        return response
    }

    /// Any text.
    static func answer(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer) -> Response {
        Response(status: status, headers: headers(type), body: ResponseBody(byteBuffer: body))
    }

    /// The header fields of an answer.
    static func headers(_ type: String) -> HTTPFields {
        var fields: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff",
        ]
        for (name, value) in [("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}
