import CHiredis

/// The version of hiredis that replies are read with.
package enum HiredisVersion {
    /// Its three numbers, such as `1.1.0`.
    package static let text = "\(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)"
}
