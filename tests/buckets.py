"""A bucket on this machine that answers as S3 does, by moto."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "hospital"


@contextmanager
def bucket() -> Iterator[str]:
    """Give the address of an empty bucket; programs started meanwhile find it as this one does."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        try:
            yield f"s3://{BUCKET}"
        finally:
            fsspec.get_filesystem_class("s3").clear_instance_cache()
            server.stop()
