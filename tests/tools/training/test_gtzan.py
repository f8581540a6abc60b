from pathlib import Path

import numpy as np
import pytest

from genre_app.genres import GENRES
from tools.training.gtzan import TagClips, artist_folds, artist_groups, input_digests, read_train


def write_data(folder: Path) -> None:
    (folder / "train.txt").write_text("rock.00001\nblues.00000\n")
    (folder / "artists.csv").write_text("clip,artist\nblues.00000,Hot Toddy\nrock.00001,\n")
    probability = np.full((5, 50), 0.5, dtype=np.float32)
    probability[0] = 0.9
    clip = np.array(["blues.00000", "blues.00000", "rock.00001", "rock.00001", "rock.00001"])
    np.savez(folder / "msd_musicnn_tags_train.npz", tag_probability=probability, clip=clip)


def test_clips_keep_the_list_s_order_and_patches_follow_their_clip(tmp_path: Path) -> None:
    write_data(tmp_path)
    data = read_train(tmp_path)
    assert data.clips == ("rock.00001", "blues.00000")
    assert [GENRES[index] for index in data.genre] == ["rock", "blues"]
    assert data.clip_of_patch.tolist() == [0, 0, 0, 1, 1]
    assert data.patch_position.tolist() == [0, 1, 2, 0, 1]
    assert data.tag_logits[:, 0] == pytest.approx([0, 0, 0, np.log(9), 0], abs=1e-5)


def test_digests_name_every_file_and_follow_its_content(tmp_path: Path) -> None:
    write_data(tmp_path)
    before = input_digests(tmp_path)
    (tmp_path / "train.txt").write_text("rock.00001\n")
    changed = {name for name, digest in input_digests(tmp_path).items() if digest != before[name]}
    assert len(before) == 3
    assert changed == {"train.txt"}


def test_unknown_artists_are_groups_of_their_own() -> None:
    assert len(set(artist_groups(["", "", "Sting", ""]))) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Earth, Wind & Fire", "Earth Wind and Fire"),
        ("Rage Against The Machine", "Rage Against the Machine"),
        ("Aretha Franklin, Celine Dion & Gloria Estefan", "Celine Dion"),
        ("Celine Dion", "Barbra Streisand and Celine Dion"),
    ],
)
def test_one_person_is_one_group(one: str, other: str) -> None:
    assert len(set(artist_groups([one, other, "Sting"]))) == 2


def test_a_collaboration_joins_all_who_take_part() -> None:
    assert len(set(artist_groups(["Queen", "Sting", "Queen & Sting"]))) == 1


def test_mean_by_clip_takes_only_the_chosen_patches(clips: TagClips) -> None:
    chosen = clips.patch_position < 2
    means = clips.mean_by_clip(clips.tag_logits, chosen=chosen)
    assert means[3] == pytest.approx(clips.tag_logits[21:23].mean(axis=0))


def assert_folds_are_fair(data: TagClips, seed: int) -> None:
    folds = artist_folds(data.genre, data.group, seed=seed)
    assert np.array_equal(np.sort(np.concatenate(folds)), np.arange(len(data.clips)))
    for fold in folds:
        others = np.setdiff1d(np.arange(len(data.clips)), fold)
        assert not set(data.group[fold]) & set(data.group[others])
        assert set(data.genre[others]) == set(range(len(GENRES)))


@pytest.mark.parametrize("seed", range(3))
def test_no_artist_is_in_two_folds(clips: TagClips, seed: int) -> None:
    assert_folds_are_fair(clips, seed)


def test_folds_follow_the_seed(clips: TagClips) -> None:
    first, again, other = (artist_folds(clips.genre, clips.group, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(first, other, strict=True))


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(8))
def test_no_real_artist_is_in_two_folds(real_clips: TagClips, seed: int) -> None:
    assert_folds_are_fair(real_clips, seed)


@pytest.mark.shared
def test_the_real_data_is_the_filtered_train_part(real_clips: TagClips) -> None:
    assert len(real_clips.clips) == 443
    assert real_clips.tag_logits.shape == (12415, 50)
    assert np.isfinite(real_clips.tag_logits).all()
    assert set(np.bincount(real_clips.clip_of_patch)) == {28, 29}
