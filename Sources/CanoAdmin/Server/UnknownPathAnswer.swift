import Hummingbird

/// Tells programs that there is nothing where they ask, in the form in which they are told of everything that goes wrong.
struct UnknownPathAnswer: RouterMiddleware {
    @concurrent func handle(
        _ request: Request, context: BasicRequestContext, next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard path == "/api" || path.hasPrefix("/api/") else { return try await next(request, context) }
        return AdminAnswer.problem(
            RequestProblem(404, "Nothing here answers \(request.method) \(path): /api/openapi.yaml has all that there is."))
    }
}
