//! Why something was not done, in words for whoever asked.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::object_store::Error as StoreError;
use vizroom_protocol::error::{Code, Error};

use super::deadline::LATE;

/// More than was allowed of `what` (`time`, `memory`, `bytes`).
pub(super) fn over_limit(what: &str, message: String) -> Error {
    Error::new(Code::TooLarge, message).with_details(serde_json::json!({ "limit": what }))
}

/// An error of ours: the log has the reason, the caller does not.
pub(super) fn internal(error: &dyn std::fmt::Display) -> Error {
    tracing::error!(%error, "analytics failed");
    Error::new(Code::InternalError, "the data could not be processed")
}

/// What the caller is told of a query that did not work.
pub(super) fn failed(error: &DataFusionError) -> Error {
    let root = error.find_root();
    let theirs = match root {
        DataFusionError::ResourcesExhausted(why) if why.contains(LATE) => {
            return over_limit("time", "the query took too long".to_owned());
        }
        DataFusionError::ResourcesExhausted(_) => return out_of_memory(),
        // Deleted since the caller looked.
        DataFusionError::ObjectStore(error) if matches!(**error, StoreError::NotFound { .. }) => {
            return Error::not_found("dataset");
        }
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::NotImplemented(_)
        | DataFusionError::Execution(_)
        | DataFusionError::Diagnostic(..)
        // A pattern that is none.
        | DataFusionError::External(_)
        | DataFusionError::Collection(_) => true,
        DataFusionError::ArrowError(error, _) => matches!(
            **error,
            ArrowError::DivideByZero
                | ArrowError::ArithmeticOverflow(_)
                | ArrowError::CastError(_)
                | ArrowError::ParseError(_)
                | ArrowError::ComputeError(_)
                | ArrowError::InvalidArgumentError(_)
        ),
        // A pattern too large to compile comes as an error of the engine.
        _ => root.strip_backtrace().contains("Regular expression did not compile"),
    };
    let message = root.strip_backtrace();
    if theirs {
        return Error::invalid("sql", message.chars().take(600).collect::<String>());
    }
    // Spilled files over their limit have no kind of their own.
    if message.contains("max_temp_directory_size") {
        return out_of_memory();
    }
    // A form that the engine planned and cannot run: whoever wrote it, a person or a model, can write it otherwise.
    if matches!(root, DataFusionError::Internal(_)) {
        tracing::error!(%error, "the engine has a defect");
        return Error::invalid("sql", "the engine cannot run a query of this form; write it another way");
    }
    internal(error)
}

fn out_of_memory() -> Error {
    over_limit("memory", "the query needs too much memory".to_owned())
}
