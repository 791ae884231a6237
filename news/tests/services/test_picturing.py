"""Picturing: what is kept at once, what a task makes, what publishing makes on the spot, cuts that readers see."""

import io
import json
import threading
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django_tasks_db.models import DBTaskResult

from news import imaging
from news.imaging import limited
from news.limited import outside
from news.models import Edition, FormerFile, Image, State
from news.queries.pictures import card_picture_of, picture_of
from news.services import ledger, picturing, publishing, rendering, sealing
from news.tests import make
from news.workflow import NotAllowed

pytestmark = pytest.mark.django_db
NOW = make.NOW
EVERY = sorted(f"{width}.{kind}" for width in (320, 640, 800) for kind in ("avif", "jpg", "webp"))


def files(image, where="private"):
    """The names of a picture's renditions in a storage."""
    folder = f"renditions/{image.key}" if where == "private" else image.key
    try:
        return sorted(storages[where].listdir(folder)[1])
    except FileNotFoundError:
        return []


def forget_files(image):
    """As if no rendition had ever been made."""
    for name in files(image):
        storages["private"].delete(f"renditions/{image.key}/{name}")


def fresh(colour="teal", **words):
    """A picture of which only the small rendition is there, whatever other tests made of the same colour."""
    image = make.make_image(colour, **words)
    forget_files(image)
    Image.objects.filter(pk=image.pk).delete()
    for name in files(image, "public"):
        storages["public"].delete(f"{image.key}/{name}")
    return make.make_image(colour, **words)


def cut(image, **values):
    """The picture with another focal point or box, as the desk saves it."""
    image = Image.objects.get(pk=image.pk)
    for name, value in values.items():
        setattr(image, name, value)
    return picturing.describe(image)


def the_card():
    """The picture of the only edition's card."""
    card = Edition.objects.get().card_image
    assert card is not None
    return card


# --- Kept at once, made later ----------------------------------------------------------------------------


def test_an_upload_keeps_the_original_and_the_small_one():
    image = fresh()
    assert (files(image), image.rendered_at) == (["320.jpg"], None)
    assert storages["private"].exists(image.original.name)


def test_every_rendition_that_is_named_is_made_once():
    image = fresh()
    assert rendering.render(image_id=image.pk, at=NOW)
    image.refresh_from_db()
    assert (files(image), image.rendered_at) == (EVERY, NOW)
    before = storages["private"].get_modified_time(f"renditions/{image.key}/640.avif")
    assert rendering.render(image_id=image.pk, at=NOW + timedelta(hours=1))
    assert storages["private"].get_modified_time(f"renditions/{image.key}/640.avif") == before
    assert not rendering.render(image_id=image.pk + 1000, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_task_is_asked_for_after_commit_and_does_it():
    image = fresh()
    task = DBTaskResult.objects.latest("enqueued_at")
    assert (task.task_path, task.args_kwargs) == (
        "news.services.rendering.make_renditions",
        {"args": [image.pk], "kwargs": {}},
    )
    rendering.make_renditions.func(image.pk)
    image.refresh_from_db()
    assert files(image) == EVERY
    assert image.rendered_at is not None
    count = DBTaskResult.objects.count()
    rendering.make_renditions.func(image.pk)
    cut(image, focal_x=100)
    assert DBTaskResult.objects.count() == count + 1


@pytest.mark.django_db(transaction=True)
def test_a_task_that_fails_tries_again_and_then_leaves_it_to_the_sweep(settings, capsys):
    image = fresh()
    count = DBTaskResult.objects.count()
    settings.IMAGE_PROCESS_WALL = 0.001
    rendering.make_renditions.func(image.pk)
    again = DBTaskResult.objects.latest("enqueued_at")
    assert again.args_kwargs["args"] == [image.pk, 2]
    assert again.run_after is not None
    rendering.make_renditions.func(image.pk, len(rendering.WAITS) + 1)
    assert DBTaskResult.objects.count() == count + 1
    call_command("make_renditions")
    assert f"Chưa làm được: ảnh số {image.pk}." in capsys.readouterr().out
    settings.IMAGE_PROCESS_WALL = 60
    call_command("make_renditions")
    assert "Đã làm đủ bản thu nhỏ cho 1 ảnh." in capsys.readouterr().out
    assert files(image) == EVERY
    assert not Image.objects.filter(rendered_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_a_picture_cut_anew_meanwhile_is_not_called_complete(settings):
    image = fresh()
    settings.IMAGE_PROCESSES = 1
    found = []

    def render():
        found.append(rendering.render(image_id=image.pk, at=NOW))
        connection.close()

    with outside.place(limited.places()):  # the other thread has read the picture and waits for its turn
        thread = threading.Thread(target=render)
        thread.start()
        thread.join(1.5)
        cut(image, focal_x=10)
    thread.join()
    image.refresh_from_db()
    assert (found, image.rendered_at) == ([False], None)


def test_the_same_picture_again_is_the_same_row_and_its_file_name_is_ours():
    upload = make.picture_bytes(colour="olive")
    first = picturing.add(upload=io.BytesIO(upload), actor=None, at=NOW, name="../x.jpg", caption="Một")
    second = picturing.add(upload=io.BytesIO(upload), actor=None, at=NOW, caption="Hai")
    assert (first, Image.objects.count(), second.caption) == (second, 1, "Một")
    assert first.original.name == f"originals/{first.key[:2]}/{first.key}.jpg"


@pytest.mark.django_db(transaction=True)
def test_the_same_picture_twice_at_one_moment_is_one_row():
    found = []

    def add():
        found.append(picturing.add(upload=io.BytesIO(make.picture_bytes(colour="navy")), actor=None, at=NOW).pk)
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert Image.objects.count() == 1


def test_the_day_of_the_camera_is_offered_and_nothing_else():
    from PIL import Image as Pillow  # noqa: PLC0415 - this test only

    exif = Pillow.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2018:05:20 08:30:00"
    buffer = io.BytesIO()
    Pillow.new("RGB", (640, 400), "maroon").save(buffer, "JPEG", exif=exif)
    image = picturing.add(upload=io.BytesIO(buffer.getvalue()), actor=None, at=NOW)
    assert (str(image.taken_on), image.alt, image.caption, image.credit) == ("2018-05-20", "", "", "")


def test_a_file_half_written_is_never_taken_for_whole():
    image = fresh()
    storages["private"].save(f"renditions/{image.key}/640.jpg.part", ContentFile(b"half"))
    rendering.render(image_id=image.pk, at=NOW)
    with storages["private"].open(f"renditions/{image.key}/640.jpg") as made:
        assert made.read(3) == b"\xff\xd8\xff"


def test_who_may_change_pictures():
    image = fresh()
    for role in ("moderator", "administrator"):
        user = make.make_user(role)
        with pytest.raises(NotAllowed):
            picturing.describe(image, actor=user)
        with pytest.raises(NotAllowed):
            picturing.replace(image_id=image.pk, upload=io.BytesIO(b""), actor=user, at=NOW)
        with pytest.raises(NotAllowed):
            picturing.set_people(image=image, actor=user, write=lambda prepare: None)
    assert picturing.describe(image, actor=make.make_user("reporter")) == image


# --- Readers ---------------------------------------------------------------------------------------------


def test_publishing_does_not_wait_for_the_task():
    image = fresh("red")
    assert files(image) == ["320.jpg"]
    make.publish(make.make_article(lead_image=image))
    assert files(image, "public") == EVERY
    image.refresh_from_db()
    assert image.rendered_at is not None


@pytest.mark.parametrize("later", ["the task", "the command"])
def test_publishing_is_not_held_up_by_a_picture_that_cannot_be_made(settings, caplog, later):
    image = fresh("red")
    article = make.approve(make.make_article(lead_image=image))
    settings.IMAGE_PROCESS_WALL = 0.001
    publishing.publish(article_id=article.pk, actor=article.approved_by, at=NOW)
    assert Edition.objects.live(NOW).count() == 1
    assert "could not be made" in caplog.text
    assert files(image, "public") == ["320.jpg"]
    settings.IMAGE_PROCESS_WALL = 60
    if later == "the task":
        rendering.make_renditions.func(image.pk)
    else:
        call_command("make_renditions")
    assert files(image, "public") == EVERY


def test_a_picture_that_nobody_cut_is_sealed_as_before():
    image = fresh()
    assert sealing.image_json(image, "") == {
        "id": image.pk,
        "key": image.key,
        "width": 800,
        "height": 500,
        "alt": "Một tấm ảnh",
        "caption": "Chú thích của ảnh",
        "credit": "PV",
        "formats": ["avif", "webp", "jpg"],
        "renditions": [[320, 200], [640, 400], [800, 500]],
    }


def test_readers_get_the_cut_in_lists_and_when_shared(client):
    image = cut(fresh("red"), focal_x=900, focal_y=100)
    article = make.make_article("Bài có ảnh cắt", lead_image=image)
    make.publish(article)
    edition = Edition.objects.get()
    card = json.loads(edition.payload)["content"]["lead_image"]["crops"]["card"]
    assert card["box"] == [62, 0, 938, 1000]
    assert the_card()["crops"]["card"] == card
    shown = card_picture_of(edition.card_image)
    whole = picture_of(edition.card_image)
    assert shown is not None
    assert whole is not None
    assert (shown.src, shown.width, shown.height) == (f"/media/{image.key}/card-{card['tag']}-640.jpg", 640, 427)
    assert whole.src == f"/media/{image.key}/640.jpg"
    assert client.get(shown.src).status_code == 200
    share = json.loads(edition.payload)["content"]["lead_image"]["crops"]["share"]
    address = f"/media/{image.key}/share-{share['tag']}-{share['sizes'][-1][0]}.jpg"
    page = client.get(f"/tin/{edition.slug}-{article.pk}/").content.decode()
    assert f'property="og:image" content="http://127.0.0.1:8000{address}"' in page
    assert client.get(address).status_code == 200
    assert shown.src in client.get("/").content.decode()
    assert ledger.verify().faults == ()


def test_cuts_are_a_closed_list_for_readers(client):
    image = cut(fresh("red"), focal_x=900)
    make.publish(make.make_article(lead_image=image))
    crop = the_card()["crops"]["card"]
    for name in (
        f"card-{crop['tag']}-641.jpg",
        "card-00000000-640.jpg",
        f"wide-{crop['tag']}-640.jpg",
        f"card-{crop['tag']}-640.png",
        "card--640.jpg",
    ):
        assert client.get(f"/media/{image.key}/{name}").status_code == 404, name


def test_a_cut_answers_with_one_question(client, django_assert_num_queries):
    image = cut(fresh("red"), focal_x=900)
    make.publish(make.make_article(lead_image=image))
    crop = the_card()["crops"]["card"]
    with django_assert_num_queries(1):
        assert client.get(f"/media/{image.key}/card-{crop['tag']}-320.avif").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_picture_leaves_with_the_cuts_of_every_edition(client):
    image = cut(fresh("red"), focal_x=900)
    article = make.make_article(lead_image=image)
    make.publish(article, at=NOW - timedelta(days=2))
    cut(image, focal_x=100)
    make.revise(article, at=NOW - timedelta(days=1))
    secretary = make.make_user("secretary")
    publishing.publish(article_id=article.pk, actor=secretary, at=NOW - timedelta(hours=1))
    tags = {name.split("-")[1] for name in files(image, "public") if name.startswith("card-")}
    assert len(tags) == 2
    publishing.withdraw(article_id=article.pk, actor=secretary, at=NOW, reason="Ảnh sai người")
    assert files(image, "public") == []
    assert client.get(f"/media/{image.key}/640.jpg").status_code == 404


def test_a_cut_changed_after_approval_asks_for_approval_again():
    image = fresh("red")
    article = make.approve(make.make_article(lead_image=image))
    cut(image, focal_x=100)
    with pytest.raises(publishing.ApprovalOutdated):
        publishing.publish(article_id=article.pk, actor=article.approved_by, at=NOW)
    article.refresh_from_db()
    assert article.state == State.APPROVED


# --- Another file ----------------------------------------------------------------------------------------


def test_replacing_keeps_the_old_file_for_editions_and_asks_for_approval_again():
    image, editor = fresh("red"), make.make_user("editor")
    old = image.key
    make.publish(make.make_article("Đã đăng", lead_image=image))
    waiting = make.approve(make.make_article("Chờ đăng", lead_image=image))
    new = picturing.replace(
        image_id=image.pk, upload=io.BytesIO(make.picture_bytes(colour="blue")), actor=editor, at=NOW
    )
    assert new.pk == image.pk
    assert new.key != old
    assert (new.rendered_at, new.uploaded_by) == (None, None)
    assert FormerFile.objects.get().key == old
    assert files(image, "public") == EVERY
    assert the_card()["key"] == old
    with pytest.raises(publishing.ApprovalOutdated):
        publishing.publish(article_id=waiting.pk, actor=waiting.approved_by, at=NOW)
    assert ledger.verify().faults == ()


def test_what_is_cut_stays_with_the_proportions_only():
    image, editor = cut(fresh("red"), focal_x=100), make.make_user("editor")
    same = make.picture_bytes(1600, 1000, colour="blue")
    assert picturing.replace(image_id=image.pk, upload=io.BytesIO(same), actor=editor, at=NOW).focal_x == 100
    other = make.picture_bytes(500, 800, colour="green")
    assert picturing.replace(image_id=image.pk, upload=io.BytesIO(other), actor=editor, at=NOW).focal_x == 500


def test_there_and_back_again():
    image, editor = fresh("red"), make.make_user("editor")
    keys = []
    for colour in ("blue", "red", "green", "blue"):
        upload = io.BytesIO(make.picture_bytes(colour=colour))
        keys.append(picturing.replace(image_id=image.pk, upload=upload, actor=editor, at=NOW).key)
    assert keys[0] == keys[3]
    assert FormerFile.objects.count() == 3


def test_the_files_of_a_replaced_picture_can_still_be_made():
    image, editor = fresh("red"), make.make_user("editor")
    old, shape = image.key, rendering.shape_of(image)
    picturing.replace(image_id=image.pk, upload=io.BytesIO(make.picture_bytes(colour="blue")), actor=editor, at=NOW)
    rendering.make_files(key=old, shape=shape)
    assert sorted(storages["private"].listdir(f"renditions/{old}")[1]) == EVERY


def test_a_bad_file_replaces_nothing():
    image, editor = fresh("red"), make.make_user("editor")
    for data in (b"<svg>", b"", make.picture_bytes(colour="red")):
        with pytest.raises(imaging.BadPicture):
            picturing.replace(image_id=image.pk, upload=io.BytesIO(data), actor=editor, at=NOW)
    before = image.key
    image.refresh_from_db()
    assert (image.key, FormerFile.objects.count()) == (before, 0)


def test_a_desk_that_lost_its_original_says_so():
    image = fresh("purple")
    storages["private"].delete(image.original.name)
    with pytest.raises(imaging.BadPicture, match="Không mở được tệp gốc"):
        rendering.render(image_id=image.pk, at=NOW)
    assert limited.PIECE < 10**6
    assert Client().get(f"/media/{image.key}/320.jpg").status_code == 404
