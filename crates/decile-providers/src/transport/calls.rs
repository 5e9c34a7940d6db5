//! How the providers call: past gate and keeper, if there are any.

use super::{Reply, Request, Tape, Transport};
use crate::asked::Asked;
use decile_core::source::{Call, KeptReply, SourceError, Verdict};

impl Transport {
    /// Asks a provider and reads its reply, or reads one that was kept.
    pub(crate) async fn ask<T>(
        &self,
        endpoint: &'static str,
        request: &Request,
        asked: &Asked,
        read: impl FnOnce(&Reply) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        if let Some(reply) = self.kept(endpoint, request, asked)? {
            return read(&reply);
        }
        let reply = self.dispatch(endpoint, request, asked).await?;
        let answer = read(&reply);
        self.keep(&self.call(endpoint, request, asked), &reply, &answer)?;
        answer
    }

    /// Shows a request to those who pace calls and keep replies, by the address that it goes to: what
    /// a server of one's own replied must never stand for the provider's word.
    pub(crate) fn call(&self, endpoint: &'static str, request: &Request, asked: &Asked) -> Call {
        asked.call(endpoint, format!("GET {}", self.mapped(request.url())))
    }

    /// Returns a reply that was kept and is still good.
    pub(crate) fn kept(
        &self,
        endpoint: &'static str,
        request: &Request,
        asked: &Asked,
    ) -> Result<Option<Reply>, SourceError> {
        let Some(keeper) = self.keeper.as_ref().filter(|_| !self.is_replay()) else {
            return Ok(None);
        };
        let kept = keeper.kept(&self.call(endpoint, request, asked))?;
        Ok(kept.map(|kept| Reply::kept(request.url().clone(), kept)))
    }

    /// Sends a request once the gate lets it out.
    pub(crate) async fn dispatch(
        &self,
        endpoint: &'static str,
        request: &Request,
        asked: &Asked,
    ) -> Result<Reply, SourceError> {
        let call = self.call(endpoint, request, asked);
        // Before the bound on time begins: a call may have to wait its turn for minutes.
        if let Some(gate) = self.gate.as_ref().filter(|_| !self.is_replay()) {
            gate.pass(&call).await?;
        }
        self.send_as(request, Some(&call)).await.map_err(|error| asked.failed(error))
    }

    /// Keeps a reply that could be read, or that said that there is nothing.
    pub(crate) fn keep<T>(
        &self,
        call: &Call,
        reply: &Reply,
        answer: &Result<T, SourceError>,
    ) -> Result<(), SourceError> {
        let verdict = match answer {
            Ok(_) => Verdict::Answer,
            Err(
                SourceError::NotFound { .. }
                | SourceError::NoDataInRange { .. }
                | SourceError::Premium { .. }
                | SourceError::InvalidRequest { .. },
            ) => Verdict::Nothing,
            Err(_) => return Ok(()),
        };
        match self.keeper.as_ref().filter(|_| !self.is_replay()) {
            Some(keeper) => keeper.keep(
                call,
                &KeptReply {
                    verdict,
                    status: reply.status(),
                    content_type: reply.content_type().map(str::to_owned),
                    retrieved_at: reply.retrieved_at(),
                    body: reply.body().to_vec(),
                },
            ),
            None => Ok(()),
        }
    }

    fn is_replay(&self) -> bool {
        matches!(self.tape, Tape::Replay(_))
    }
}
